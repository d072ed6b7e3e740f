import type { ExecutionResult } from 'graphql';
import type { PushStream, Take } from '../lib/push-stream.ts';
import type { Unauthenticated } from '../messaging/errors.ts';
import type { Lifetime } from './identity.ts';

export interface EventAnswersOptions<Event> {
  readonly source: PushStream<Event>;
  /** Gets a signal that aborts when nobody waits for the answer any more. */
  readonly answer: (event: Event, signal: AbortSignal) => Promise<ExecutionResult>;
  readonly answerFailure: (error: unknown) => Promise<ExecutionResult>;
  readonly lifetime: Lifetime | null;
  /** Called whichever way it ends, maybe more than once. */
  readonly onEnd: () => void;
}

/**
 * The answers to the events of a source stream (GraphQL specification, MapSourceToResponseEvent). What the source or
 * `answer` throws becomes the last one, instead of breaking the transport, and so does the end of `lifetime`.
 */
export class EventAnswers<Event = unknown> implements PushStream<ExecutionResult> {
  readonly #options: EventAnswersOptions<Event>;
  readonly #stop = new AbortController();
  #failure: unknown;
  #closed = false;
  /** `undefined` as long as it is not known, too: a lifetime that is over says so at once. */
  readonly #callOff: (() => void) | undefined;

  constructor(options: EventAnswersOptions<Event>) {
    this.#options = options;
    this.#callOff = options.lifetime?.whenOver((reason) => this.#endFor(reason));
  }

  async run(take: Take<ExecutionResult>): Promise<void> {
    const { source, answer, answerFailure } = this.#options;
    const { signal } = this.#stop;
    try {
      await source.run((event) => answer(event, signal).then(take));
    } catch (error) {
      this.#failure ??= error;
    }
    this.#end();
    if (!this.#closed && this.#failure !== undefined) await take(await answerFailure(this.#failure));
  }

  /** Ends it at once, without an answer that says why. */
  close(): void {
    this.#closed = true;
    this.#end();
  }

  #endFor(reason: Unauthenticated): void {
    this.#failure ??= reason;
    this.#end();
  }

  #end(): void {
    this.#callOff?.();
    this.#options.onEnd();
    this.#stop.abort();
    this.#options.source.close();
  }
}
