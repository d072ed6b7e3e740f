import { Redis } from 'ioredis';
import type { Outage } from '../outage.ts';

/** For connecting, and for each answer; then the connection is taken for dead and replaced. */
const ANSWER_TIMEOUT_MS = 2_000;
/** How long a connection that is closed waits for the other side to close it too. */
const GOODBYE_TIMEOUT_MS = 100;
const FIRST_RECONNECT_PAUSE_MS = 100;
const MAX_RECONNECT_PAUSE_MS = 2_000;

export interface Connection extends AsyncDisposable {
  /** Nothing waits in it: a command fails at once unless its `status` is `ready`. */
  readonly redis: Redis;
}

/** A connection that is replaced when it is lost, until disposed. Each loss begins an outage of `part`. */
export function openConnection(url: string, part: string, outage: Outage): Connection {
  const redis = new Redis(url, {
    connectionName: `parley-${part}`,
    connectTimeout: ANSWER_TIMEOUT_MS,
    // `commandTimeout` would forget the answer, and leave the command queued on a connection that is never replaced.
    socketTimeout: ANSWER_TIMEOUT_MS,
    disconnectTimeout: GOODBYE_TIMEOUT_MS,
    retryStrategy: pauseBeforeReconnect,
    // By default commands wait without a bound for the next connection, and those under way are sent again there.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // By default in one command of any length, whose failure nobody catches: it would end the process.
    autoResubscribe: false,
    // Hints need nothing that Redis has to load from its disk; and INFO may not be ours to ask.
    enableReadyCheck: false,
  });
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

/** Longer after each failure, and not the same for all nodes, which have lost Redis at the same moment. */
function pauseBeforeReconnect(failures: number): number {
  const pause = Math.min(FIRST_RECONNECT_PAUSE_MS * 2 ** (failures - 1), MAX_RECONNECT_PAUSE_MS);
  return pause / 2 + (Math.random() * pause) / 2;
}
