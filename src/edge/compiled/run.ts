/** What an answer is built into: an object by its keys, or a list by its indices. */
export type Slots = { [slot: string | number]: unknown };

/** Turns what a resolver gave into what the answer has of it, and begins what is selected below it. */
export type Complete = (run: Run, value: unknown) => unknown;

/**
 * One execution. What resolvers promise is counted, not gathered: a page of 50 messages has a hundred promises of people,
 * and a promise of all of them at each level would cost more than they do.
 */
export class Run {
  #pending = 1;
  #failed = false;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;

  constructor(
    readonly context: unknown,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  /** Puts what a resolver gave into its place in the answer, now or when it comes. */
  place(into: Slots, slot: string | number, value: unknown, complete: Complete): void {
    if (isPromise(value)) this.#placeLater(into, slot, value, complete);
    else into[slot] = complete(this, value);
  }

  #placeLater(into: Slots, slot: string | number, value: PromiseLike<unknown>, complete: Complete): void {
    // Holds the place: keys are in the order of the document, whichever comes first.
    into[slot] = undefined;
    this.#pending++;
    value.then(
      (settled) => {
        if (this.#failed) return;
        try {
          into[slot] = complete(this, settled);
          this.#leave();
        } catch (error) {
          this.#fail(error);
        }
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** To be called when everything has been begun. @throws what the first resolver that failed has thrown. */
  async finish(): Promise<void> {
    if (--this.#pending === 0) return;
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  #leave(): void {
    if (--this.#pending === 0) this.#settle?.resolve();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#settle?.reject(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
  );
}
