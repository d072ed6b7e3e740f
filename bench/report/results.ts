import type { Measured } from '../measure/rounds.ts';
import type { Start } from '../measure/start-all.ts';
import type { PushResults } from '../push/measure.ts';
import type { TargetRow } from './target-row.ts';

/** One work, with every number of connections. */
export interface WorkResult {
  readonly key: string;
  readonly name: string;
  readonly measured: readonly Measured[];
}

/** Parley on few messages beside Parley on more. */
export interface GrowthResult {
  /** Of the sizes. */
  readonly unit: string;
  /** Whose slots those of `work` are; the smallest first. */
  readonly sizes: readonly string[];
  readonly work: readonly WorkResult[];
}

/** All of a run, as bench.json has it. */
export interface Results {
  /** RFC 3339 */
  readonly at: string;
  readonly node: string;
  readonly cpus: number;
  readonly messages: number;
  readonly rounds: number;
  /** Which contestants did not take part, and why. */
  readonly leftOut: readonly string[];
  readonly starts: readonly Start[];
  readonly work: readonly WorkResult[];
  /** Empty where it was not asked for. */
  readonly growth: readonly GrowthResult[];
  /** `null` where none of it was asked for. */
  readonly push: PushResults | null;
  readonly targets: readonly TargetRow[];
}
