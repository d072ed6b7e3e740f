import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../../errors.ts';
import { Pace } from '../pace.ts';

/** The triggers tell people of each message. */
const BATCH_ROWS = { first: 50, most: 1_000 };

/** A release that came between may have given `messages` more of them. */
async function columnsOfBoth(session: ClientBase, a: string, b: string): Promise<string> {
  const { rows } = await session.query(
    `SELECT string_agg(quote_ident(attname), ', ') AS columns FROM (
       SELECT attname FROM pg_attribute
       WHERE attrelid IN ('${a}'::regclass, '${b}'::regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
       GROUP BY attname HAVING count(*) = 2) both_have`,
  );
  return rows[0].columns;
}

/**
 * Moves messages between tables, in the order of ids, as every writer of several messages must: each is in one of both
 * at any time. @param from a table, and which of its messages @param onMoved hears how many so far @returns how many
 */
export async function moveMessages(
  session: ClientBase,
  from: string,
  to: string,
  onMoved: (messages: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const [table] = from.split(' ');
  const columns = await columnsOfBoth(session, table as string, to);
  const pace = new Pace(BATCH_ROWS);
  for (let all = 0; ; ) {
    signal.throwIfAborted();
    const begun = performance.now();
    const moving = session.query(
      `WITH due AS MATERIALIZED (
         SELECT id, created_at FROM ${from} ORDER BY id LIMIT ${pace.rows} FOR UPDATE
       ), gone AS (
         DELETE FROM ${table} m USING due
         WHERE m.id = due.id AND m.created_at BETWEEN due.created_at AND due.created_at RETURNING m.*
       ), kept AS (
         INSERT INTO ${to} (${columns}) SELECT ${columns} FROM gone RETURNING 1
       )
       SELECT count(*)::int AS moved FROM kept`,
    );
    const moved = await moving.then(
      ({ rows }) => rows[0].moved as number,
      (error) => {
        // One of them has just been moved to another partition.
        if (sqlState(error) !== SQLSTATE.SERIALIZATION_FAILURE) throw error;
        return null;
      },
    );
    if (moved === 0) return all;
    all += moved ?? 0;
    onMoved(all);
    await pace.rest(performance.now() - begun, signal);
  }
}
