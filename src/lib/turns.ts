/** Lets only so many do something at a time; the others wait in the order in which they came, each for so long at most. */
export class Turns {
  readonly #waitMs: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atATime: number, waitMs: number) {
    this.#free = atATime;
    this.#waitMs = waitMs;
  }

  /** @returns what ends the turn, to be called once; `null` when none came in time */
  async take(): Promise<(() => void) | null> {
    if (this.#free > 0) this.#free--;
    else if (!(await this.#wait())) return null;
    return () => this.#end();
  }

  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (comes: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(begin);
        resolve(comes);
      };
      const begin = () => settle(true);
      const timer = setTimeout(() => settle(false), this.#waitMs);
      this.#waiting.add(begin);
    });
  }

  /** The turn goes to whoever has waited longest. */
  #end(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else next();
  }
}
