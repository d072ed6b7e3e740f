import { jest } from '@jest/globals';

/** The wall clock of this process, for a test to set, as an operator does or a machine that wakes from sleep. */
export class WallClock implements Disposable {
  #ahead = 0;
  readonly #spy;

  constructor() {
    const original = Date.now;
    this.#spy = jest.spyOn(Date, 'now').mockImplementation(() => original() + this.#ahead);
  }

  /** Back, where it is negative. */
  jump(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  [Symbol.dispose](): void {
    this.#spy.mockRestore();
  }
}
