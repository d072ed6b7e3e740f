/** One target beside what was reached. */
export interface TargetRow {
  /** What was done, such as `one message`. */
  readonly work: string;
  /** Whom or what it is measured against. */
  readonly against: string;
  /** What was compared, with its unit. */
  readonly measure: string;
  readonly ours: number;
  readonly theirs: number;
  /** The median of the rounds' own ratios, ours to theirs; not the ratio of `ours` and `theirs`. */
  readonly ratio: number;
  /** Of the ratio. */
  readonly target: number;
  readonly direction: 'at most' | 'at least';
}

export function isReached({ ratio, target, direction }: TargetRow): boolean {
  return direction === 'at most' ? ratio <= target : ratio >= target;
}
