import { once } from 'node:events';
import { Redis } from 'ioredis';
import { REDIS_OPTIONS } from '../lib/redis-options.ts';
import { within } from '../lib/within.ts';

const FIRST_ANSWER_WITHIN_MS = 5_000;

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

/** Resolves when it can be used. @throws what keeps it from that */
export function untilAnswered({ client }: RedisStore): Promise<void> {
  return within(FIRST_ANSWER_WITHIN_MS, firstAnswer(client));
}

async function firstAnswer(client: Redis): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready');
  await client.ping();
}
