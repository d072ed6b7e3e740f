import { isMessage } from '../rows.ts';
import type { Statement } from '../statement.ts';

/**
 * Marks what $2 sent to $1, up to and including the message with time $3 and number $4 (all of it when they are
 * null). Rows are locked in the order of their ids, as every writer of several messages must: see the lock order in
 * the inbox migration.
 */
export const MARK_READ: Statement<{ readonly marked: number; readonly boundFound: boolean }> = {
  name: 'mark_read',
  text: `
    WITH bound AS (
      SELECT created_at, id FROM messages
      WHERE ${isMessage('messages', '$4::bigint', '$3::timestamptz')}
        AND ((sender_id = $1 AND receiver_id = $2) OR (sender_id = $2 AND receiver_id = $1))
      UNION ALL
      SELECT 'infinity', 0 WHERE $4::bigint IS NULL
    ), due AS MATERIALIZED (
      SELECT m.id, m.created_at FROM messages m
      WHERE m.sender_id = $2 AND m.receiver_id = $1 AND NOT m.is_read
        AND (m.created_at, m.id) <= (SELECT created_at, id FROM bound)
      ORDER BY m.id FOR NO KEY UPDATE
    ), marked AS (
      UPDATE messages m SET is_read = true FROM due
      WHERE ${isMessage('m', 'due.id', 'due.created_at')} AND NOT m.is_read
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM marked)::int, EXISTS (SELECT FROM bound)`,
  row: ([marked, boundFound]) => ({ marked: marked as number, boundFound: boundFound as boolean }),
};
