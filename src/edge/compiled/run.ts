import type { Expecting } from '../../lib/expecting.ts';

/** Writes what a resolver gave, as JSON, and begins what is selected below it. */
export type Write = (run: Run, value: unknown) => void;

/** Part of the answer's text; what comes later stands in pieces of its own. */
class Piece {
  text = '';
  constructor(public next: Piece | null) {}
}

/**
 * One execution. What resolvers promise is counted, not gathered: a page of 50 messages has a hundred promises of people,
 * and a promise of all of them at each level would cost more than they do.
 */
export class Run {
  readonly #first = new Piece(null);
  /** Where it is being written. */
  #piece = this.#first;
  #pending = 1;
  #failed = false;
  #settle: { resolve: (text: string) => void; reject: (error: unknown) => void } | null = null;

  constructor(
    readonly context: unknown,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  write(json: string): void {
    this.#piece.text += json;
  }

  /** Writes what a resolver gave, now; or when it comes, in this place. What is expected is written before it comes. */
  place(value: unknown, write: Write): void {
    if (!isPromise(value)) write(this, value);
    else if (value.expected === undefined) this.#placeLater(value, write);
    else {
      this.#require(value);
      write(this, value.expected);
    }
  }

  #require(confirmation: PromiseLike<unknown>): void {
    this.#pending++;
    confirmation.then(
      () => this.#leave(),
      (error: unknown) => this.#fail(error),
    );
  }

  #placeLater(value: PromiseLike<unknown>, write: Write): void {
    const after = new Piece(this.#piece.next);
    const place = new Piece(after);
    this.#piece.next = place;
    this.#piece = after;
    this.#pending++;
    value.then(
      (settled) => {
        if (this.#failed) return;
        try {
          this.#piece = place;
          write(this, settled);
          this.#leave();
        } catch (error) {
          this.#fail(error);
        }
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Begins to write `source`. @returns all of it, in the end. @throws what the first resolver that failed has thrown. */
  execute(write: Write, source: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      // What this throws rejects the promise.
      write(this, source);
      this.#leave();
    });
  }

  /** The same at once, of what cannot be promised. */
  executeAtOnce(write: Write, source: unknown): string {
    write(this, source);
    if (this.#pending > 1) throw new Error('promised');
    return this.#first.text;
  }

  #leave(): void {
    if (--this.#pending > 0) return;
    let text = '';
    for (let piece: Piece | null = this.#first; piece !== null; piece = piece.next) text += piece.text;
    this.#settle?.resolve(text);
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#settle?.reject(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> & Partial<Expecting<unknown>> {
  return (
    typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
  );
}
