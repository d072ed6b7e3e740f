import type { Slot } from '../measure/slot.ts';
import { median } from '../support/statistics.ts';
import type { SizeResult } from './results.ts';

/** How many times as much something is as something else. */
export interface Comparison {
  /** The median of the rounds' own ratios. */
  readonly ratio: number;
  /** Whether every round says that it is noticeably more, or every round that it is noticeably less. */
  readonly isClear: boolean;
}

/** Below, it is noise whatever the rounds say. */
const NOTICEABLE = 0.03;
/** Three rounds agree by chance one time in four: with few, only what is large counts. */
const [ENOUGH_ROUNDS, NOTICEABLE_IN_FEW] = [5, 0.1];

export function compareRounds(ratios: readonly number[]): Comparison {
  const least = ratios.length < ENOUGH_ROUNDS ? NOTICEABLE_IN_FEW : NOTICEABLE;
  const isMore = ratios.every((ratio) => ratio > 1 + least);
  const isLess = ratios.every((ratio) => ratio < 1 - least);
  return { ratio: median(ratios), isClear: ratios.length > 0 && (isMore || isLess) };
}

/** CPU of all that works for a request: server, database, replica, Redis, PgBouncer; microseconds. */
const cpuOf = ({ serverCpu, databaseCpu, programCpu }: Slot) =>
  serverCpu + (databaseCpu ?? 0) + (programCpu ?? 0);

const latencyOf = ({ p50 }: Slot) => p50;

/** Latency is what one waits who asks alone; CPU is what a request costs where many ask. */
export const CONNECTIONS = { latency: 1, cpu: 16 } as const;

export type Measure = keyof typeof CONNECTIONS;

const READ = { latency: latencyOf, cpu: cpuOf } as const;

/** Of one form in one work; none where that was not measured. */
export function slotsOf({ work }: SizeResult, key: string, form: string, measure: Measure): readonly Slot[] {
  const measured = work.find((one) => one.key === key)?.measured;
  return measured?.find(({ connections }) => connections === CONNECTIONS[measure])?.slots[form] ?? [];
}

/** NaN where it was not measured. */
export const middle = (size: SizeResult, key: string, form: string, measure: Measure) =>
  median(slotsOf(size, key, form, measure).map(READ[measure]));

/** One form to another in the same work, round by round; `null` where one of them was not measured. */
export function compareForm(
  size: SizeResult,
  key: string,
  form: string,
  other: string,
  measure: Measure,
): Comparison | null {
  const [mine, theirs] = [form, other].map((name) => slotsOf(size, key, name, measure).map(READ[measure]));
  if (mine === undefined || theirs === undefined || mine.length === 0 || theirs.length === 0) return null;
  return compareRounds(mine.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

/** `12 % less`, or that there is no clear difference. */
export function inWords({ ratio, isClear }: Comparison): string {
  const percent = `${Math.abs((ratio - 1) * 100).toFixed(0)} % ${ratio < 1 ? 'less' : 'more'}`;
  return isClear ? percent : `about the same (${percent}, but not clearly)`;
}
