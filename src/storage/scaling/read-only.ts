import type { ClientBase } from 'pg';
import { SILENCE_MS } from '../statement.ts';

/** Of each statement. A lock that is wanted makes all others wait that come later, so it is not wanted for long. */
const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 1_000;

/** Asks the database; the rows' columns are named as the statement names them. */
export type Ask = <Row>(sql: string) => Promise<readonly Row[]>;

/** Runs `work` in a transaction that changes nothing, not even on a standby, and whose every wait is bounded. */
export async function readOnly<T>(client: ClientBase, work: (ask: Ask) => Promise<T>): Promise<T> {
  // The server ends what takes too long; one that has fallen silent does not.
  const query = (text: string, query_timeout = STATEMENT_TIMEOUT_MS + SILENCE_MS) =>
    client.query({ text, query_timeout } as { text: string });
  try {
    await query(`
      BEGIN TRANSACTION READ ONLY;
      SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS};
      SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS};
      SET LOCAL jit = off`);
    return await work(async (sql) => (await query(sql)).rows);
  } finally {
    // What a lost connection had begun ends without it.
    await query('ROLLBACK', SILENCE_MS).catch(() => {});
  }
}
