/** For connecting, and for each answer; then the connection is taken for dead and replaced. */
const ANSWER_TIMEOUT_MS = 2_000;
/** How long a connection that is closed waits for the other side to close it too. */
const GOODBYE_TIMEOUT_MS = 100;
const FIRST_RECONNECT_PAUSE_MS = 100;
const MAX_RECONNECT_PAUSE_MS = 2_000;

/** Of every connection to Redis: nothing ever waits in it, a command fails at once unless the connection is ready. */
export const REDIS_OPTIONS = {
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
  // Nothing here needs what Redis has to load from its disk; and INFO may not be ours to ask.
  enableReadyCheck: false,
};

/** Longer after each failure, and not the same for all nodes, which have lost Redis at the same moment. */
function pauseBeforeReconnect(failures: number): number {
  const pause = Math.min(FIRST_RECONNECT_PAUSE_MS * 2 ** (failures - 1), MAX_RECONNECT_PAUSE_MS);
  return pause / 2 + (Math.random() * pause) / 2;
}
