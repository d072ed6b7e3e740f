import type { ClientBase } from 'pg';
import { Pace } from './pace.ts';

/** What was found out of order, and put right. */
export interface Rebuilt {
  readonly users: number;
  /** Entries of conversation lists that were missing, wrong, or too many. */
  readonly entries: number;
}

/**
 * Where each of the users $1 has their log moved on by one, without an event: every reader sees a hole and resyncs. The heads'
 * locks come first, in the order of all writers: what others are writing for these users is in their lists by now, or will
 * be added after this is committed.
 */
const MOVE_HEADS = `
  INSERT INTO inbox_heads AS h (user_id, seq) SELECT id, 1 FROM unnest($1::int[]) id ORDER BY id
  ON CONFLICT (user_id) DO UPDATE SET seq = h.seq + 1`;

/** The lists of the users $1 as messages say that they are. To be run after their heads are locked: it has to see what came before. */
const REBUILD_LISTS = `
  WITH side AS (
    SELECT receiver_id AS user_id, sender_id AS peer_id, (NOT is_read)::int AS unread FROM messages
    WHERE receiver_id = ANY ($1::int[])
    UNION ALL
    SELECT sender_id, receiver_id, 0 FROM messages WHERE sender_id = ANY ($1::int[])
  ), entry AS MATERIALIZED (
    SELECT e.user_id, e.peer_id, last.created_at, last.id, e.unread
    FROM (SELECT user_id, peer_id, sum(unread)::int AS unread FROM side GROUP BY user_id, peer_id) e
    CROSS JOIN LATERAL (
      SELECT * FROM (
        (SELECT created_at, id FROM messages WHERE sender_id = e.user_id AND receiver_id = e.peer_id
          ORDER BY created_at DESC, id DESC LIMIT 1)
        UNION ALL
        (SELECT created_at, id FROM messages WHERE sender_id = e.peer_id AND receiver_id = e.user_id
          ORDER BY created_at DESC, id DESC LIMIT 1)
      ) m ORDER BY created_at DESC, id DESC LIMIT 1
    ) last
  ), surplus AS (
    DELETE FROM conversations c WHERE user_id = ANY ($1::int[])
      AND NOT EXISTS (SELECT FROM entry e WHERE (e.user_id, e.peer_id) = (c.user_id, c.peer_id))
    RETURNING user_id
  ), mended AS (
    INSERT INTO conversations AS c (user_id, peer_id, last_created_at, last_id, unread_count)
    SELECT user_id, peer_id, created_at, id, unread FROM entry ORDER BY user_id, peer_id
    ON CONFLICT (user_id, peer_id) DO UPDATE
      SET last_created_at = excluded.last_created_at, last_id = excluded.last_id, unread_count = excluded.unread_count
      WHERE (c.last_created_at, c.last_id, c.unread_count)
        IS DISTINCT FROM (excluded.last_created_at, excluded.last_id, excluded.unread_count)
    RETURNING user_id
  )
  SELECT ((SELECT count(*) FROM surplus) + (SELECT count(*) FROM mended))::int AS entries`;

/** Lists of users who are gone: the triggers take them along, and what bypasses those does not. */
const FORGET_THE_GONE = `
  DELETE FROM conversations c WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = c.user_id)`;

/** The next users, at most as many, and how far that is. */
const NEXT_USERS = `
  SELECT array_agg(id ORDER BY id) AS ids, max(id)::float8 / (SELECT max(id) FROM users) AS done
  FROM (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2) next`;

/**
 * Puts conversation lists and unread counts right after something has written messages past their triggers (a restore, a
 * replication role), and lets every subscription begin anew. Others go on; who is sent something while it is their turn
 * waits for that. Interrupted, it begins again.
 * @param onProgress from 0 to 1
 */
export async function rebuild(
  session: ClientBase,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const pace = new Pace({ first: 10, most: 500 });
  let users = 0;
  let entries = 0;
  for (let last = 0; ; ) {
    const [{ ids, done }] = (await session.query(NEXT_USERS, [last, pace.rows])).rows;
    if (ids === null) break;
    const begun = performance.now();
    await session.query('BEGIN');
    await session.query(MOVE_HEADS, [ids]);
    entries += (await session.query(REBUILD_LISTS, [ids])).rows[0].entries;
    await session.query('COMMIT');
    users += ids.length;
    last = ids.at(-1);
    onProgress(done);
    await pace.rest(performance.now() - begun, signal);
  }
  const { rowCount } = await session.query(FORGET_THE_GONE);
  return { users, entries: entries + (rowCount ?? 0) };
}
