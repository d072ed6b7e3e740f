import type { ExecutionResult } from 'graphql';

/**
 * Answers each event of a source stream (GraphQL specification, MapSourceToResponseEvent). An error in the source
 * becomes the last answer, instead of breaking the transport; and unlike an async generator this can be stopped while
 * it waits for the next event.
 */
export function respondToEvents<Event>(
  events: AsyncIterable<Event>,
  respond: (event: Event) => ExecutionResult | Promise<ExecutionResult>,
  onFailure: (error: unknown) => ExecutionResult,
): AsyncGenerator<ExecutionResult, void, void> {
  const source = events[Symbol.asyncIterator]();
  let failed = false;
  return {
    async next() {
      if (failed) return { done: true, value: undefined };
      try {
        const { done, value } = await source.next();
        return done ? { done, value: undefined } : { done: false, value: await respond(value) };
      } catch (error) {
        failed = true;
        return { done: false, value: onFailure(error) };
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await source.return?.();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      await source.return?.();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
