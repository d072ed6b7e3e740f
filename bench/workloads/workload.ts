import type { Pool } from 'pg';
import type { ContestantName } from '../contestants/contestant.ts';
import type { Naming } from '../contestants/naming.ts';
import type { Canonical } from './canonical.ts';

/** How many variations of a request there are, where the database has as many. */
export const VARIATIONS = 2_000;

/** One variation of a request. */
export interface Case {
  /** Whose token it brings: an external id. */
  readonly viewer: string;
  variables(naming: Naming): Readonly<Record<string, unknown>>;
  /** @throws unless that is the answer */
  check(answer: Canonical): Promise<void>;
}

/** The same request in another schema. */
export interface Dialect {
  readonly document: string;
  /** Gives what it answers the form of the other answers, where a document cannot. */
  readonly translate?: (answer: Readonly<Record<string, unknown>>) => unknown;
}

/** What contestants are asked to do. */
export interface Workload extends Dialect {
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly contestants: readonly ContestantName[];
  /** With how many connections it is measured. */
  readonly connections: readonly number[];
  readonly writes: boolean;
  /** Of node-http-pg, which knows no documents. */
  readonly path: string;
  /** Where PostGraphile takes part: its schema is another. */
  readonly postgraphile?: Dialect;
  cases(database: Pool): Promise<readonly Case[]>;
  /** Where each case can be asked for once: makes them all possible again. */
  readonly restore?: (database: Pool) => Promise<void>;
}
