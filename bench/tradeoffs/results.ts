import type { HttpLoad } from '../load/load-process.ts';
import type { WorkResult } from '../report/results.ts';
import type { Progress } from '../support/progress.ts';
import type { Form } from './forms.ts';
import type { IndexResult } from './indexes/index-result.ts';
import type { TradeoffOptions } from './options.ts';
import type { Preparation } from './prepare.ts';
import type { Rename } from './rename.ts';
import type { Scans } from './scans.ts';
import type { Staleness, Write } from './staleness.ts';
import type { Storage } from './storage.ts';

/** What a comparison stands on. */
export interface Ground {
  readonly messages: number;
  /** Of the cluster's superuser. */
  readonly adminUrl: string;
  readonly load: HttpLoad;
  readonly options: TradeoffOptions;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface FormResult extends Pick<Form, 'name' | 'phase' | 'strategy'> {
  readonly preparations: readonly Preparation[];
  readonly storage: Storage;
  readonly scans: Scans;
  readonly staleness: Readonly<Record<Write, Staleness>>;
  readonly renames: { readonly few: Rename; readonly many: Rename };
}

/** All that was measured with so many messages. */
export interface SizeResult {
  readonly messages: number;
  readonly forms: readonly FormResult[];
  /** Reads, and sends; the slots are by the names of the forms. */
  readonly work: readonly WorkResult[];
  readonly indexes: readonly IndexResult[];
}

/** All of a run, as tradeoffs.json has it. */
export interface TradeoffResults {
  /** RFC 3339 */
  readonly at: string;
  /** That repeats it. */
  readonly command: string;
  readonly node: string;
  readonly cpus: number;
  readonly quick: boolean;
  readonly rounds: number;
  /** How long a write was waited for at most, in milliseconds. */
  readonly patienceMs: number;
  readonly leftOut: readonly string[];
  readonly sizes: readonly SizeResult[];
}
