import type { ClientBase } from 'pg';

/** Every message with the names of its people, as they were at the last refresh. */
export const FEED = 'message_feed';
/** How far each user's log had come when the last refresh began. */
export const FEED_ENDS = 'message_feed_ends';
/** When the last refresh began, and in which epoch of the logs: one row. */
export const FEED_REFRESH = 'message_feed_refresh';

/** How old the view is allowed to become before it is refreshed. */
export const REFRESH_AFTER = '59 min';
/** With a look each minute, a refresh begins at most an hour after the one before. */
export const LOOK_INTERVAL_MS = 60_000;
/** The view is not read any more when it is as old as this, whatever has kept it from being refreshed. */
export const TOO_OLD = '2 h';

/** What somebody has to run where the view is missing. */
export const PREPARE = 'npm run scale -- materialize';

/** Whether the view is there, and whether it has ever been filled: a restore may leave it empty. */
export type FeedState = 'absent' | 'unfilled' | 'filled';

export async function feedState(session: Pick<ClientBase, 'query'>): Promise<FeedState> {
  const { rows } = await session.query(
    `SELECT relispopulated AS filled FROM pg_class WHERE oid = to_regclass('${FEED}') AND relkind = 'm'`,
  );
  if (rows[0] === undefined) return 'absent';
  return rows[0].filled ? 'filled' : 'unfilled';
}

/**
 * What a page needs of them, in the order of a page; that no two rows are alike in it is what REFRESH … CONCURRENTLY asks
 * for. `full_text` stays apart from `message_text`: that check looks only at rows without a NULL, so it costs nothing here.
 */
export const createFeed = (schema: string): string => `
  CREATE TABLE ${schema}.${FEED_REFRESH} (
    only_row BOOLEAN PRIMARY KEY DEFAULT true CHECK (only_row), epoch UUID NOT NULL, begun_at TIMESTAMPTZ NOT NULL);
  CREATE TABLE ${schema}.${FEED_ENDS} (user_id INT PRIMARY KEY, seq BIGINT NOT NULL) WITH (fillfactor = 50);
  CREATE MATERIALIZED VIEW ${schema}.${FEED} AS
    SELECT m.id, m.sender_id, m.receiver_id, m.message_text, m.full_text, m.created_at, m.is_read,
      sender.username AS sender_username, sender.created_at AS sender_created_at,
      receiver.username AS receiver_username, receiver.created_at AS receiver_created_at
    FROM messages m JOIN users sender ON sender.id = m.sender_id JOIN users receiver ON receiver.id = m.receiver_id
    WITH NO DATA;
  CREATE UNIQUE INDEX idx_message_feed_conversation ON ${schema}.${FEED} (sender_id, receiver_id, created_at, id)`;

/**
 * Notes where the logs end; then the view must be refreshed in the same transaction. Each of these statements sees what has
 * been committed before it began: so the view is never older than what is noted here, and what the logs say since then is
 * all that it may lack. That also holds for a view that is newer, as after somebody else's REFRESH or a restored dump.
 */
export const NOTE_ENDS = `
  INSERT INTO ${FEED_REFRESH} AS r (epoch, begun_at) SELECT epoch, now() FROM inbox_epoch WHERE only_row
  ON CONFLICT (only_row) DO UPDATE SET epoch = excluded.epoch, begun_at = excluded.begun_at;
  DELETE FROM ${FEED_ENDS} e WHERE NOT EXISTS (SELECT FROM inbox_heads h WHERE h.user_id = e.user_id);
  INSERT INTO ${FEED_ENDS} AS e (user_id, seq) SELECT user_id, seq FROM inbox_heads
  ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq WHERE e.seq <> excluded.seq`;
