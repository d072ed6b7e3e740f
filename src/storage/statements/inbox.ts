import { timestampFromPostgres } from '../../lib/rfc3339.ts';
import { type MessageNumber, messageId, type UserId } from '../../messaging/ids.ts';
import type { InboxPosition, LoggedChange } from '../../messaging/inbox/log.ts';
import type { Columns, Statement } from '../statement.ts';

/** Where $1's log ends. */
export const INBOX_END: Statement<InboxPosition> = {
  name: 'inbox_end',
  text: 'SELECT current_inbox_epoch(), coalesce((SELECT seq FROM inbox_heads WHERE user_id = $1), 0)::bigint',
  row: ([epoch, seq]) => ({ epoch: epoch as string, seq: BigInt(seq as string) }),
};

export interface InboxRow extends InboxPosition {
  /** The index of the request in $1, $2. */
  readonly request: number;
  readonly change: LoggedChange | null;
}

/**
 * At most $3 changes for each of the users $1, after their sequence numbers $2. Heads and changes come from one
 * snapshot: the reader's proof that nothing is missing rests on that. No row at all for who is no user. Where the one
 * who read messages is no longer a user, what is left to tell is that the messages have changed. `LIMIT 1` makes each
 * lookup one probe of an index: for a join of 100 users PostgreSQL was seen to read whole tables (test/storage/plans). The
 * epoch is a subselect of the list: joined, PostgreSQL calls its function for each row, which reads a file.
 */
export const INBOX_PAGES: Statement<InboxRow> = {
  name: 'inbox_pages',
  text: `
    SELECT wanted.position::int, (SELECT current_inbox_epoch()), coalesce(h.seq, 0)::bigint,
      e.seq, CASE WHEN e.kind = 'read' AND (SELECT id FROM users WHERE id = e.reader_id) IS NULL
        THEN 'changed' ELSE e.kind::text END, e.reader_id, e.message_ids::text[], e.message_created_ats::text[]
    FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS wanted (user_id, after, position)
    JOIN LATERAL (SELECT FROM users WHERE id = wanted.user_id LIMIT 1) u ON true
    LEFT JOIN LATERAL (SELECT seq FROM inbox_heads WHERE user_id = wanted.user_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (
      SELECT * FROM inbox_events
      WHERE user_id = wanted.user_id AND seq > wanted.after
      ORDER BY seq LIMIT $3
    ) e ON true
    ORDER BY wanted.position, e.seq`,
  row: ([position, epoch, head, ...change]) => ({
    request: (position as number) - 1,
    epoch: epoch as string,
    seq: BigInt(head as string),
    change: change[0] === null ? null : changeRow(change),
  }),
};

function changeRow([seq, kind, readerId, numbers, times]: Columns): LoggedChange {
  const createdAts = times as readonly string[];
  const messageIds = (numbers as readonly MessageNumber[]).map((number, i) =>
    messageId({ number, createdAt: timestampFromPostgres(createdAts[i] ?? '') }),
  );
  return { seq: BigInt(seq as string), kind, readerId, messageIds, messageId: messageIds[0] } as LoggedChange;
}

/** The epoch, and those users among $1 whose log does not end at $2. `LIMIT 1` and the epoch as above. */
export const INBOX_MOVED: Statement<{ readonly epoch: string; readonly userId: UserId | null }> = {
  name: 'inbox_moved',
  text: `
    SELECT (SELECT current_inbox_epoch()), moved.user_id
    FROM (SELECT) always
    LEFT JOIN (
      SELECT wanted.user_id
      FROM unnest($1::int[], $2::bigint[]) AS wanted (user_id, after)
      LEFT JOIN LATERAL (SELECT seq FROM inbox_heads WHERE user_id = wanted.user_id LIMIT 1) h ON true
      WHERE coalesce(h.seq, 0) <> wanted.after
    ) moved ON true`,
  row: ([epoch, userId]) => ({ epoch: epoch as string, userId: userId as UserId | null }),
};
