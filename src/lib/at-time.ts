/** Node's timers take no more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Calls back at `time` (milliseconds since 1970), at once when that has passed. @returns what calls it off. */
export function atTime(time: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  function wait() {
    const remaining = time - Date.now();
    if (remaining <= 0) callback();
    // What waits for a time, maybe an hour off, must not keep a process that is done.
    else timer = setTimeout(wait, Math.min(remaining, MAX_TIMEOUT_MS)).unref();
  }
  wait();
  return () => clearTimeout(timer);
}
