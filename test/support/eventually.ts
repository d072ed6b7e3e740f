import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 10;
const DEFAULT_WITHIN_MS = 5_000;

/**
 * Tries `check` again and again until it neither throws nor gives `false`, and gives what it gave.
 * @throws what the last try threw, once `withinMs` milliseconds have passed
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = DEFAULT_WITHIN_MS }: { withinMs?: number } = {},
): Promise<Exclude<T, false>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      const result = await check();
      if (result !== false) return result as Exclude<T, false>;
      if (performance.now() > deadline) throw new Error(`still not so after ${withinMs} ms: ${check}`);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(POLL_INTERVAL_MS);
  }
}
