import { Redis } from 'ioredis';
import { REDIS_OPTIONS } from '../../lib/redis-options.ts';
import type { Outage } from '../outage.ts';

export interface Connection extends AsyncDisposable {
  /** Nothing waits in it: a command fails at once unless its `status` is `ready`. */
  readonly redis: Redis;
}

/** A connection that is replaced when it is lost, until disposed. Each loss begins an outage of `part`. */
export function openConnection(url: string, part: string, outage: Outage): Connection {
  const redis = new Redis(url, { ...REDIS_OPTIONS, connectionName: `parley-${part}` });
  redis.on('error', (error) => outage.begin(part, withoutCommand(error)));
  redis.on('close', () => outage.begin(part, new Error(`The connection to Redis was closed (${part}).`)));
  return {
    redis,
    async [Symbol.asyncDispose]() {
      // Without a connection, between two or at the end, there is nothing to be closed, and no event.
      const open = redis.status !== 'reconnecting' && redis.status !== 'end';
      const ended = open && new Promise<void>((resolve) => redis.once('end', resolve));
      redis.disconnect();
      await ended;
    },
  };
}

/** ioredis keeps the failed command in the error, and HELLO's arguments have the password. */
export function withoutCommand(error: Error): Error {
  return Object.assign(error, { command: undefined });
}
