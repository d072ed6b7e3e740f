import type { LongestLock } from './under-lock.ts';

/** Watches a change of the database that goes on step by step, while others read and write. */
export interface Watcher<Step> {
  /** @param done of the step, from 0 to 1 */
  onStep(step: Step, done: number): void;
  /** Something that the operator may want to do something about. */
  tell(line: string): void;
}

/** What such a change has come to. */
export interface Change {
  /** `false` when there was nothing to do. */
  readonly changed: boolean;
  /** What others had to wait for at most; `null` when nothing was locked. */
  readonly longestLock: LongestLock | null;
}
