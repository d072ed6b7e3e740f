import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageId, UserId } from '../../messaging/ids.ts';
import { messageColumns, messageRow } from '../rows.ts';
import type { Columns, Statement } from '../statement.ts';

/** A person of a message as the export shows them. */
export interface ExportedUser {
  readonly id: UserId;
  readonly externalId: string;
  readonly username: string;
}

export interface ExportedMessage {
  readonly id: MessageId;
  readonly sender: ExportedUser;
  readonly receiver: ExportedUser;
  readonly messageText: string;
  readonly createdAt: Timestamp;
  readonly isRead: boolean;
}

/**
 * For the transaction of an export, which may take hours and whose reader may pause. What it reads comes in order from
 * idx_messages_created, of each partition where there are some: only messages of one time are sorted, and people are looked
 * up. Whatever PostgreSQL thinks of the sizes of the tables, it must not read all messages and sort them on disk before it
 * shows the first, nor all people for each message. Without workers an export is one busy process of the database at most.
 */
export const EXPORT_SETTINGS = {
  statement_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  TimeZone: "'UTC'",
  DateStyle: "'ISO'",
  enable_sort: 'off',
  enable_seqscan: 'off',
  enable_material: 'off',
  max_parallel_workers_per_gather: 0,
  jit: 'off',
};

const RANGE = 'm.created_at >= $1::timestamptz AND m.created_at < $2::timestamptz';

/**
 * Messages of $1 <= created_at < $2, with both people. A cursor, as it gives no more than is asked for, and its rows are written by
 * the same code as the API's: COPY would need ids and times a second time, in SQL.
 */
export const DECLARE_EXPORT = `
  DECLARE exported NO SCROLL CURSOR FOR
  SELECT ${messageColumns('m')}, s.external_id, s.username, r.external_id, r.username
  FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id
  WHERE ${RANGE} ORDER BY m.created_at, m.id`;

/** About how many they are: PostgreSQL's estimate, which costs nothing. */
export const ESTIMATE_EXPORT = `EXPLAIN (FORMAT JSON) SELECT FROM messages m WHERE ${RANGE}`;

/** A batch of the API's longest texts (10,000 characters) has up to 20 MB. */
export const BATCH_ROWS = 500;

/** Of a database that is alive: it may have to sort millions of messages that a restored dump gave the same time. */
const PATIENCE_MS = 600_000;

export const FETCH_EXPORT: Statement<ExportedMessage> = {
  name: 'message_export',
  timeoutMs: PATIENCE_MS,
  text: `FETCH FORWARD ${BATCH_ROWS} FROM exported`,
  row(columns) {
    const { id, senderId, receiverId, messageText, createdAt, isRead } = messageRow(columns);
    const [sender, receiver] = [person(senderId, columns, 6), person(receiverId, columns, 8)];
    // Not `...message`: V8 copies that key by key.
    return { id, sender, receiver, messageText, createdAt, isRead };
  },
};

function person(id: UserId, columns: Columns, at: number): ExportedUser {
  return { id, externalId: columns[at] as string, username: columns[at + 1] as string };
}
