import type { ExecutionResult } from 'graphql';
import type { Unauthenticated } from '../messaging/errors.ts';
import type { Lifetime } from './identity.ts';

/**
 * Answers each event of a source stream (GraphQL specification, MapSourceToResponseEvent). What the source or `respond`
 * throws becomes the last answer, instead of breaking the transport, and so does the end of `lifetime`. Unlike an async
 * generator this can be stopped while it waits for the next event; `respond` gets a signal that aborts then. `onEnd` is
 * called whichever way it ends, maybe more than once.
 */
export function respondToEvents<Event>(
  events: AsyncIterable<Event>,
  respond: (event: Event, signal: AbortSignal) => Promise<ExecutionResult>,
  onFailure: (error: unknown) => Promise<ExecutionResult>,
  lifetime: Lifetime | null,
  onEnd: () => void,
): AsyncGenerator<ExecutionResult, void, void> {
  const source = events[Symbol.asyncIterator]();
  const stop = new AbortController();
  // Asked for each event: cheaper than the signal.
  let ended = false;
  let failure: unknown;
  let callOff = () => {};

  function release() {
    callOff();
    onEnd();
  }

  async function end() {
    release();
    ended = true;
    stop.abort();
    await source.return?.();
  }

  async function endFor(reason: Unauthenticated) {
    failure ??= reason;
    await end();
  }

  /** Once, what has ended the stream; then nothing more. */
  async function last(): Promise<IteratorResult<ExecutionResult, void>> {
    if (failure === undefined) return { done: true, value: undefined };
    const reason = failure;
    failure = undefined;
    return { done: false, value: await onFailure(reason) };
  }

  if (lifetime !== null) callOff = lifetime.whenOver((reason) => void endFor(reason).catch(() => {}));
  return {
    async next() {
      if (ended) return last();
      try {
        const { done, value } = await source.next();
        if (!done) return { done: false, value: await respond(value, stop.signal) };
        release();
      } catch (error) {
        failure ??= error;
        await end();
      }
      return last();
    },
    async return() {
      failure = undefined;
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
