import type { ClientBase } from 'pg';
import { MESSAGES_AND_PARTITIONS } from './relations.ts';

const WITH_INDEXES = `
  SELECT oid::regclass::text AS name FROM pg_class WHERE oid IN ${MESSAGES_AND_PARTITIONS} AND relkind = 'r' ORDER BY oid`;

/** As PostgreSQL calls an index that was to replace another, or was replaced. Source: its documentation of REINDEX. */
export const HALF_MADE_NAME = '_cc(new|old)[0-9]*$';

/** Those of long texts, too. */
const HALF_MADE = `
  SELECT i.indexrelid::regclass::text AS name
  FROM pg_class c
  JOIN pg_index i ON i.indrelid IN (c.oid, c.reltoastrelid)
  JOIN pg_class index ON index.oid = i.indexrelid
  WHERE c.oid IN ${MESSAGES_AND_PARTITIONS} AND NOT i.indisvalid AND index.relname ~ '${HALF_MADE_NAME}'`;

/**
 * Writes all indexes of messages anew, each beside the old one, while others read and write. Not in a transaction.
 * @param onAdvance hears how far it is, from 0 to 1
 * @throws when the signal aborts
 */
export async function reindex(
  session: ClientBase,
  onAdvance: (done: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await dropHalfMade(session);
  // Partition by partition: asked for all of them, PostgreSQL locks the table that they are of against all who write.
  const { rows } = await session.query<{ name: string }>(WITH_INDEXES);
  for (const [at, { name }] of rows.entries()) {
    signal.throwIfAborted();
    onAdvance(at / rows.length);
    await session.query(`REINDEX TABLE CONCURRENTLY ${name}`);
  }
}

/** Drops what `reindex` leaves when it is killed. */
export async function dropHalfMade(session: ClientBase): Promise<void> {
  const { rows } = await session.query<{ name: string }>(HALF_MADE);
  for (const { name } of rows) await session.query(`DROP INDEX CONCURRENTLY ${name}`);
}
