/**
 * An async generator that can be stopped while it waits. A plain one queues `return()` behind the `await` that it
 * hangs in, possibly for ever; here `return()` first aborts the signal that the generator's waits listen to.
 */
export function stoppable<T>(
  generate: (signal: AbortSignal) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const stop = new AbortController();
  const generator = generate(stop.signal);
  const original = generator.return.bind(generator);
  generator.return = (value) => {
    stop.abort();
    return original(value);
  };
  return generator;
}
