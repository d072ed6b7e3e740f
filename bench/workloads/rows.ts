import type { Pool } from 'pg';
import type { MessagePlace } from '../contestants/naming.ts';

/** RFC 3339 with microseconds. */
export const RFC3339 = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * To put pairs of ids in an order that looks like chance and is the same each time. PostgreSQL's hash of one number of both
 * would not do: it takes neighbours, of whom there are many, for the same.
 */
export const shuffled = (one: string, other: string) =>
  `hashtextextended(concat_ws(' ', ${one}, ${other}), 0)`;

/** Two people, one of whom asks for something between them. */
export interface Pair {
  readonly viewer: string;
  readonly viewerId: number;
  readonly peerId: number;
}

export interface MessageRow extends MessagePlace {
  readonly text: string;
  readonly isRead: boolean;
  readonly senderId: number;
  readonly sender: string;
  readonly receiverId: number;
  readonly receiver: string;
}

/** Messages with their people, chosen by SQL that follows `FROM messages m`, with the users `s` and `r`. */
export async function readMessages(
  database: Pool,
  which: string,
  values: readonly unknown[],
): Promise<MessageRow[]> {
  const { rows } = await database.query<MessageRow>(
    `SELECT m.id, ${RFC3339('m.created_at')} AS "createdAt", m.message_text AS text, m.is_read AS "isRead",
       s.id AS "senderId", s.username AS sender, r.id AS "receiverId", r.username AS receiver
     FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id ${which}`,
    [...values],
  );
  return rows;
}

/** A message as the API gives it. */
export function messageNode(row: MessageRow) {
  return {
    id: String(row.id),
    messageText: row.text,
    createdAt: row.createdAt,
    isRead: row.isRead,
    sender: { id: String(row.senderId), username: row.sender },
    receiver: { id: String(row.receiverId), username: row.receiver },
  };
}
