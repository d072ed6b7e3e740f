/** The columns of one row, in the statement's order. */
export type Columns = readonly unknown[];

/** One prepared SQL statement and the meaning of its rows. */
export interface Statement<Row> {
  /** Unique among the statements of a read strategy: PostgreSQL keeps the prepared statement under it, once a connection. */
  readonly name: string;
  readonly text: string;
  readonly row: (columns: Columns) => Row;
  /** How long its answer is waited for, where the pool's own time is too short. */
  readonly timeoutMs?: number;
}

/** The server ends what takes too long; how much later its silence is taken for the end of the connection. */
export const SILENCE_MS = 1_000;
