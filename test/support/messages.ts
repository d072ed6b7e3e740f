import type { Pool } from 'pg';
import type { Person } from './people.ts';

export const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) {
    message { id messageText createdAt isRead sender { id username } receiver { id username } }
  }
}`;

export const MARK_READ = `mutation ($input: MarkConversationReadInput!) {
  markConversationRead(input: $input) {
    markedCount conversation { id unreadCount peer { username } lastMessage { id isRead } }
  }
}`;

export interface SentMessage {
  readonly id: string;
  readonly messageText: string;
  readonly createdAt: string;
  readonly isRead: boolean;
  readonly sender: { readonly id: string; readonly username: string };
  readonly receiver: { readonly id: string; readonly username: string };
}

/** Sends through the API. @throws when that is refused. */
export async function send(
  from: Person,
  to: Person,
  messageText: string,
  idempotencyKey?: string,
): Promise<SentMessage> {
  const input = { receiverId: to.id, messageText, idempotencyKey };
  return (await from.client.data(SEND, { input })).sendMessage.message;
}

export async function markRead(viewer: Person, peer: Person, upTo?: string) {
  return (await viewer.client.data(MARK_READ, { input: { with: peer.id, upTo } })).markConversationRead;
}

/** What another program would write: one message for each of `createdAts`, with texts "0", "1", …, in one statement. */
export async function insertMessages(
  pool: Pool,
  from: Person,
  to: Person,
  createdAts: readonly string[],
): Promise<number[]> {
  const { rows } = await pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, (i - 1)::text, at FROM unnest($3::timestamptz[]) WITH ORDINALITY AS t (at, i) ORDER BY i
     RETURNING id`,
    [from.row, to.row, createdAts],
  );
  return rows.map(({ id }) => id);
}
