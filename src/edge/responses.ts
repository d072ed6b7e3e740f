import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { CLOSE_GRACE_MS, type OpenStream } from './drain.ts';

/** The HTTP responses under way: answers, which end by themselves, and event streams, which do not. */
export class Responses {
  /** Counted, and not kept in a set: a set leaves V8 chains of its former tables, each with all that was in it. */
  #answering = 0;
  readonly #streams = new Map<ServerResponse, OpenStream>();
  #ending = false;
  #wake: (() => void) | null = null;

  /** How many answers are not finished. */
  get answering(): number {
    return this.#answering;
  }

  add(response: ServerResponse): void {
    this.#answering++;
    response.on('close', () => {
      if (!this.#streams.delete(response)) this.#answering--;
      this.#wake?.();
    });
  }

  /** To be told of each that Yoga will write: an answer at once, or piped what comes in parts. */
  mayStream(response: ServerResponse): void {
    response.once('pipe', (source: Readable) => {
      if (!String(response.getHeader('content-type')).startsWith('text/event-stream')) return;
      const stream = eventStream(response, source);
      this.#streams.set(response, stream);
      this.#answering--;
      this.#wake?.();
      // Asked for just before the port closed.
      if (this.#ending) setImmediate(() => void stream.end());
    });
  }

  /** @returns the event streams that are open; those that begin from now on end at once. */
  endStreams(): readonly OpenStream[] {
    this.#ending = true;
    return [...this.#streams.values()];
  }

  /** Resolves when all answers have been sent, or at the deadline. */
  async answered(deadline: AbortSignal): Promise<void> {
    deadline.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (this.#answering > 0 && !deadline.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

/** Events come whole from `source`, so between two of them is wherever it is cut off. */
function eventStream(response: ServerResponse, source: Readable): OpenStream {
  return {
    running: 0,
    refuse() {},
    async end() {
      if (response.closed) return;
      const { socket } = response;
      source.unpipe(response);
      // Without the event `complete`: it would tell the client that there is nothing to come back for.
      response.end(() => socket?.destroySoon());
      const cut = setTimeout(() => socket?.destroy(), CLOSE_GRACE_MS);
      await once(response, 'close');
      clearTimeout(cut);
    },
  };
}
