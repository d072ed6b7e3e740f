import { existsSync } from 'node:fs';

export const REDIS = process.env['REDIS_SERVER_PATH'] || '/usr/bin/redis-server';

/** Why tests with Redis cannot run here; `null` when they can. With CI=true that is no excuse. */
export const noRedis =
  existsSync(REDIS) || process.env['CI'] === 'true' ? null : `there is no Redis at ${REDIS}`;
