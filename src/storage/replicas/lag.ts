import type { Standing } from '../statements/replication.ts';

interface Sample {
  readonly wal: bigint;
  /** When the primary had written so much, in the time of `performance.now()`. */
  readonly at: number;
}

/** How much the primary had written when: from it follows how far behind a standby is, whatever the hosts' clocks say. */
export class WalHistory {
  #samples: Sample[] = [];
  readonly #keepMs: number;

  /** @param keepMs how far behind a standby can be for it to be measured */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  note({ wal }: Standing): void {
    const at = performance.now();
    const kept = this.#samples.filter((sample) => sample.wal < wal);
    // Of those that are too old the latest is kept: what a standby that lags by just as much has replayed.
    const tooOld = kept.filter((sample) => sample.at < at - this.#keepMs).length;
    this.#samples = [...kept.slice(Math.max(0, tooOld - 1)), { wal, at }];
  }

  /**
   * Milliseconds by which a standby is behind at most, as of the latest note. Its last commit says that too, except that
   * the primary may have had nothing to do since; and after a long pause only that is known.
   */
  lagOf(standby: Standing, primary: Standing): number {
    if (standby.wal >= primary.wal) return 0;
    const seen = this.#samples.findLast(({ wal }) => wal <= standby.wal);
    const bySamples = seen === undefined ? Number.POSITIVE_INFINITY : performance.now() - seen.at;
    const byCommit =
      standby.at === null || primary.at === null ? Number.POSITIVE_INFINITY : primary.at - standby.at;
    return Math.max(0, Math.min(bySamples, byCommit));
  }
}
