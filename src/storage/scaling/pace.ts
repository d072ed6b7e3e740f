import { setTimeout as delay } from 'node:timers/promises';

/** A batch is as large as fits this time: others may have to wait for its rows. */
const BATCH_MS = 25;
/** After each batch, as a share of the time that it took, the database has to itself. */
const REST = 1;

/** Of a batch. */
export const LEAST_ROWS = 1;

/** How much of a long work is done in one transaction, and how long nothing is done after it. */
export class Pace {
  /** Of the next batch. */
  rows: number;
  readonly #most: number;

  constructor({ first, most }: { readonly first: number; readonly most: number }) {
    this.rows = first;
    this.#most = most;
  }

  /** @param took the last batch, in milliseconds @throws when the signal aborts */
  async rest(took: number, signal: AbortSignal): Promise<void> {
    const rows = Math.round(took > BATCH_MS ? this.rows / 2 : this.rows * 1.5);
    this.rows = Math.max(LEAST_ROWS, Math.min(this.#most, rows));
    await delay(took * REST, undefined, { signal });
  }
}
