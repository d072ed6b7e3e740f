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

/** Parley on few messages beside Parley on many. */
export interface GrowthResult {
  readonly few: number;
  readonly many: number;
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
  readonly growth: GrowthResult | null;
  /** `null` where none of it was asked for. */
  readonly push: PushResults | null;
  readonly targets: readonly TargetRow[];
}
