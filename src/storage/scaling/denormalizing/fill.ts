import type { ClientBase } from 'pg';
import { isMessage, NAMES } from '../../rows.ts';
import { inBatches, type PassWatcher } from '../batches.ts';

const LACKS_NAMES = `(${NAMES.map((column) => `${column} IS NULL`).join(' OR ')})`;

/**
 * Gives every message its names that has none. Those that came after the triggers have them; so have those that an earlier
 * run has filled, which are only read.
 */
export async function fillNames(
  session: ClientBase,
  watcher: PassWatcher,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(
    'SELECT (coalesce(min(id), 1) - 1)::text AS since, coalesce(max(id), 0)::text AS until FROM messages',
  );
  const [since, until] = [BigInt(rows[0].since), BigInt(rows[0].until)];
  await inBatches(session, { since, reached: since, until }, { work: fillBatch(session) }, watcher, signal);
}

/**
 * In the lock order: users, messages by id. The people are locked first, by a statement of their own, so that the next one
 * sees what a rename has committed until then.
 */
function fillBatch(session: ClientBase) {
  return async (after: string, until: string, size: number): Promise<string> => {
    const { rows } = await session.query(
      `SELECT coalesce((SELECT id FROM messages WHERE id > $1 AND id <= $2 ORDER BY id OFFSET $3 - 1 LIMIT 1), $2)::text
         AS reached`,
      [after, until, size],
    );
    const [{ reached }] = rows;
    const range = `id > ${after} AND id <= ${reached} AND ${LACKS_NAMES}`;
    await session.query(
      `SELECT count(*) FROM (
         SELECT FROM users WHERE id IN (
           SELECT sender_id FROM messages WHERE ${range} UNION SELECT receiver_id FROM messages WHERE ${range})
         ORDER BY id FOR KEY SHARE) locked`,
    );
    // What is written here is nothing: the trigger writes the names.
    await session.query(
      `WITH due AS MATERIALIZED (
         SELECT id, created_at FROM messages WHERE ${range} ORDER BY id FOR NO KEY UPDATE
       )
       UPDATE messages m SET ${NAMES.map((column) => `${column} = NULL`).join(', ')} FROM due
       WHERE ${isMessage('m', 'due.id', 'due.created_at')} AND ${LACKS_NAMES}`,
    );
    return reached;
  };
}
