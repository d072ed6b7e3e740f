import type { ExecutionResult } from 'graphql';

/**
 * Answers each event of a source stream (GraphQL specification, MapSourceToResponseEvent). What the source or `respond`
 * throws becomes the last answer, instead of breaking the transport; and unlike an async generator this can be stopped
 * while it waits for the next event. `respond` gets a signal that aborts then.
 */
export function respondToEvents<Event>(
  events: AsyncIterable<Event>,
  respond: (event: Event, signal: AbortSignal) => Promise<ExecutionResult>,
  onFailure: (error: unknown) => ExecutionResult,
): AsyncGenerator<ExecutionResult, void, void> {
  const source = events[Symbol.asyncIterator]();
  const stop = new AbortController();

  async function end() {
    stop.abort();
    await source.return?.();
  }

  return {
    async next() {
      if (stop.signal.aborted) return { done: true, value: undefined };
      try {
        const { done, value } = await source.next();
        return done ? { done, value: undefined } : { done: false, value: await respond(value, stop.signal) };
      } catch (error) {
        await end();
        return { done: false, value: onFailure(error) };
      }
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncDispose]: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
