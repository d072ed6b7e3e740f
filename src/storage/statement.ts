import type { QueryArrayConfig } from 'pg';
import pg from 'pg';
import { timestampFromPostgres } from '../lib/rfc3339.ts';

/** The columns of one row, in the statement's order. */
export type Columns = readonly unknown[];

/** One prepared SQL statement and the meaning of its rows. */
export interface Statement<Row> {
  /** Unique in the process: PostgreSQL keeps the prepared statement under it, once a connection. */
  readonly name: string;
  readonly text: string;
  readonly row: (columns: Columns) => Row;
  /** How long its answer is waited for, where the pool's own time is too short. */
  readonly timeoutMs?: number;
}

/** The server ends what takes too long; how much later its silence is taken for the end of the connection. */
export const SILENCE_MS = 1_000;

const TIMESTAMPTZ = 1184;

/** As pg does it, except that a time stays text with its microseconds, in the API's own form. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === TIMESTAMPTZ ? timestampFromPostgres : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/** The form in which pg runs a statement; array rows, because building objects by column name costs more. */
export function toQuery<Row>(
  { name, text, timeoutMs }: Statement<Row>,
  values: readonly unknown[],
): QueryArrayConfig<unknown[]> {
  const patience = timeoutMs === undefined ? {} : { query_timeout: timeoutMs };
  return { name, text, values: [...values], rowMode: 'array', types, ...patience };
}
