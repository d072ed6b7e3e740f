/**
 * Begins to measure an age, which the function that it returns tells in milliseconds. Of two clocks the one counts that
 * has gone further: the wall clock can be set back, and the other stands still while the machine sleeps.
 */
export function startAge(): () => number {
  const [wall, monotonic] = [Date.now(), performance.now()];
  return () => Math.max(Date.now() - wall, performance.now() - monotonic);
}
