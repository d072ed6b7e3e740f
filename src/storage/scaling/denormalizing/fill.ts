import type { ClientBase } from 'pg';
import { isMessage, NAMES } from '../../rows.ts';
import { inBatches, type PassWatcher, paceOfBatches } from '../batches.ts';

const LACKS_NAMES = `(${NAMES.map((column) => `${column} IS NULL`).join(' OR ')})`;

/** So many messages are filled in rounds before the next ones are. */
const WINDOW_ROWS = 2_000;
/** Of a window, one after another. A power of two. */
const SHARES = 8;

/**
 * Gives every message its names that has none. Those that came after the triggers have them; so have those that an earlier
 * run has filled, which are only read.
 *
 * The messages of a page are not all filled in one transaction, but every eighth in each of eight. What the first leaves
 * behind in the page is room for the next: PostgreSQL takes it back as soon as nobody can see it, the new row stays in its
 * page, and no index hears of it. All at once would be written to the end of the table, which would then have twice its size.
 */
export async function fillNames(
  session: ClientBase,
  { onAdvance, tell }: PassWatcher,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(
    'SELECT (coalesce(min(id), 1) - 1)::text AS since, coalesce(max(id), 0)::text AS until FROM messages',
  );
  const [first, last] = [BigInt(rows[0].since), BigInt(rows[0].until)];
  const pace = paceOfBatches();
  for (let since = first; since < last; ) {
    const until = BigInt(await idAfter(session, since, last, WINDOW_ROWS));
    for (let share = 0; share < SHARES; share++) {
      const work = fillBatch(session, `id & ${SHARES - 1} = ${share}`);
      const [from, part] = [Number(since - first), Number(until - since) / SHARES];
      const watcher: PassWatcher = {
        onAdvance: (done, ms) => onAdvance((from + (share + done) * part) / Number(last - first), ms),
        tell,
      };
      await inBatches(session, { since, reached: since, until }, { pace, work }, watcher, signal);
    }
    since = until;
  }
}

/** @returns the id that so many messages reach, or `until` where there are fewer @param condition they fulfil it */
async function idAfter(
  session: ClientBase,
  after: string | bigint,
  until: string | bigint,
  size: number,
  condition = 'true',
): Promise<string> {
  const { rows } = await session.query(
    `SELECT coalesce((SELECT id FROM messages WHERE id > $1 AND id <= $2 AND ${condition} ORDER BY id OFFSET $3 - 1 LIMIT 1),
       $2)::text AS reached`,
    [String(after), String(until), size],
  );
  return rows[0].reached;
}

/**
 * In the lock order: users, messages by id. The people are locked first, by a statement of their own, so that the next one
 * sees what a rename has committed until then.
 */
function fillBatch(session: ClientBase, condition: string) {
  return async (after: string, until: string, size: number): Promise<string> => {
    const reached = await idAfter(session, after, until, size, condition);
    const range = `id > ${after} AND id <= ${reached} AND ${condition} AND ${LACKS_NAMES}`;
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
