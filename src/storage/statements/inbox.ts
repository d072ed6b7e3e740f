import { timestampFromPostgres } from '../../lib/rfc3339.ts';
import { type MessageNumber, messageId, type UserId } from '../../messaging/ids.ts';
import type { InboxPosition, LoggedChange } from '../../messaging/inbox/log.ts';
import type { MessageWithPeople } from '../../messaging/model.ts';
import { isMessage, messageColumns, messageWithPeopleRow, userColumns } from '../rows.ts';
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
  /** What was sent, where it was read with the log. */
  readonly message: MessageWithPeople | null;
}

/** Sent messages that are read with each log: as many as come at a time to someone who follows live. */
const MESSAGES_A_LOG = 2;

/**
 * At most $3 changes for each of the users $1, after their sequence numbers $2. Heads and changes come from one
 * snapshot: the reader's proof that nothing is missing rests on that. No row at all for who is no user. Where the one
 * who read messages is no longer a user, what is left to tell is that the messages have changed. `LIMIT 1` makes each
 * lookup one probe of an index: for a join of 100 users PostgreSQL was seen to read whole tables (test/storage/plans).
 * The first changes come with the message that was sent, if its user sent or received it: otherwise each event would cost
 * another statement, and its subscriber's time (npm run bench -- --only push-crowd).
 */
export const INBOX_PAGES: Statement<InboxRow> = {
  name: 'inbox_pages',
  text: `
    SELECT wanted.position::int, epoch.value, coalesce(h.seq, 0)::bigint,
      e.seq, CASE WHEN e.kind = 'read' AND (SELECT id FROM users WHERE id = e.reader_id) IS NULL
        THEN 'changed' ELSE e.kind::text END, e.reader_id, e.message_ids::text[], e.message_created_ats::text[],
      ${messageColumns('m')}, ${userColumns('s')}, ${userColumns('r')}
    FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS wanted (user_id, after, position)
    CROSS JOIN (SELECT current_inbox_epoch() AS value) epoch
    JOIN LATERAL (SELECT FROM users WHERE id = wanted.user_id LIMIT 1) u ON true
    LEFT JOIN LATERAL (SELECT seq FROM inbox_heads WHERE user_id = wanted.user_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (
      SELECT * FROM inbox_events
      WHERE user_id = wanted.user_id AND seq > wanted.after
      ORDER BY seq LIMIT $3
    ) e ON true
    LEFT JOIN LATERAL (
      SELECT * FROM messages
      WHERE e.kind = 'sent' AND e.seq - wanted.after <= ${MESSAGES_A_LOG}
        AND ${isMessage('messages', 'e.message_ids[1]', 'e.message_created_ats[1]')}
        AND wanted.user_id IN (sender_id, receiver_id)
      LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users WHERE id = m.sender_id LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT * FROM users WHERE id = m.receiver_id LIMIT 1) r ON true
    ORDER BY wanted.position, e.seq`,
  row: (columns) => ({
    request: (columns[0] as number) - 1,
    epoch: columns[1] as string,
    seq: BigInt(columns[2] as string),
    change: columns[3] === null ? null : changeRow(columns.slice(3, 8)),
    message: columns[8] === null ? null : messageWithPeopleRow(columns, 8),
  }),
};

function changeRow([seq, kind, readerId, numbers, times]: Columns): LoggedChange {
  const createdAts = times as readonly string[];
  const messageIds = (numbers as readonly MessageNumber[]).map((number, i) =>
    messageId({ number, createdAt: timestampFromPostgres(createdAts[i] ?? '') }),
  );
  return { seq: BigInt(seq as string), kind, readerId, messageIds, messageId: messageIds[0] } as LoggedChange;
}

/** The epoch, and those users among $1 whose log does not end at $2. `LIMIT 1` as above. */
export const INBOX_MOVED: Statement<{ readonly epoch: string; readonly userId: UserId | null }> = {
  name: 'inbox_moved',
  text: `
    SELECT epoch.value, moved.user_id
    FROM (SELECT current_inbox_epoch() AS value) epoch
    LEFT JOIN (
      SELECT wanted.user_id
      FROM unnest($1::int[], $2::bigint[]) AS wanted (user_id, after)
      LEFT JOIN LATERAL (SELECT seq FROM inbox_heads WHERE user_id = wanted.user_id LIMIT 1) h ON true
      WHERE coalesce(h.seq, 0) <> wanted.after
    ) moved ON true`,
  row: ([epoch, userId]) => ({ epoch: epoch as string, userId: userId as UserId | null }),
};
