import { setTimeout as delay } from 'node:timers/promises';
import type { Replicas } from './replicas.ts';

/** How soon one that lags, is gone or is back is left and joined again, but for what a look takes. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * Looks at the replicas, and from then on again and again. One that does not answer is waited for in the background.
 * @throws when one is no standby of the primary
 */
export async function watchReplicas(replicas: Replicas): Promise<AsyncDisposable> {
  const [wrong] = await replicas.look();
  if (wrong !== undefined)
    throw new Error(
      `DATABASE_REPLICA_URLS takes addresses of hot standbys of DATABASE_URL's database, without a pooler in between; ${wrong}.`,
    );
  replicas.tell();
  const stop = new AbortController();

  async function watch() {
    while (!stop.signal.aborted) {
      await delay(LOOK_INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {});
      // While the primary is away nothing is read: only it knows who may be read from where.
      if (!stop.signal.aborted) await replicas.look().catch(() => {});
      replicas.tell();
    }
  }

  const watching = watch();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}
