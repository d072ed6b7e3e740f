import { setTimeout as delay } from 'node:timers/promises';
import type { InboxLog } from '../ports.ts';
import type { Followers } from './followers.ts';

/** How late a subscriber can be when a hint was lost, or another program wrote the row. */
const SWEEP_INTERVAL_MS = 1_000;

/** Compares the logs of the connected users with what they have been given, and hints where they differ. */
export function startSweep(
  log: InboxLog,
  followers: Followers,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const stop = new AbortController();

  async function sweep() {
    let lastEpoch: string | null = null;
    while (!stop.signal.aborted) {
      const positions = followers.positions();
      try {
        if (positions.length > 0) {
          const { epoch, users } = await log.moved(positions);
          followers.hint(lastEpoch === null || epoch === lastEpoch ? users : 'everyone');
          lastEpoch = epoch;
        }
      } catch (error) {
        onError(error);
      }
      await delay(SWEEP_INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const done = sweep();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}
