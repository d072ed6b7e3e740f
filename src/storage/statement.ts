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
}

const TIMESTAMPTZ = 1184;

/** As pg does it, except that a time stays text with its microseconds, in the API's own form. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === TIMESTAMPTZ ? timestampFromPostgres : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

/** The form in which pg runs a statement; array rows, because building objects by column name costs more. */
export function toQuery<Row>(
  { name, text }: Statement<Row>,
  values: readonly unknown[],
): QueryArrayConfig<unknown[]> {
  return { name, text, values: [...values], rowMode: 'array', types };
}
