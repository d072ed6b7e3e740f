import { once } from 'node:events';
import { Redis } from 'ioredis';
import { REDIS_OPTIONS } from '../lib/redis-options.ts';

export interface RedisStore extends AsyncDisposable {
  readonly client: Redis;
}

/** A connection for what is kept in Redis, replaced when it is lost. `onLost` is called once a loss. */
export function openRedis(url: string, onLost: (error: unknown) => void): RedisStore {
  const client = new Redis(url, { ...REDIS_OPTIONS, connectionName: 'parley-store' });
  let lost = false;
  client.on('ready', () => {
    lost = false;
  });
  client.on('error', (error) => {
    if (!lost) onLost(error);
    lost = true;
  });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
    },
  };
}

/** Resolves when it can be used. @throws what keeps it from that, within the times of REDIS_OPTIONS */
export async function untilAnswered({ client }: RedisStore): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready');
  await client.ping();
}
