import type { Timestamp } from '../lib/rfc3339.ts';
import { type MessageNumber, messageId, type Position, type UserId } from '../messaging/ids.ts';
import type { ConversationState, Message, User } from '../messaging/model.ts';
import type { Columns } from './statement.ts';

export const USER_COLUMNS = 'id, username, created_at';

export function userRow([id, username, createdAt]: Columns): User {
  return { id: id as UserId, username: username as string, createdAt: createdAt as Timestamp };
}

/**
 * `id::bigint`: widening the column later must not change the result type of a prepared statement. `full_text`: a long
 * text that does not fit the covering index; see the base migration.
 */
export function messageColumns(table: string): string {
  const text = `coalesce(${table}.full_text, ${table}.message_text)`;
  return `${table}.id::bigint, ${table}.sender_id, ${table}.receiver_id, ${text}, ${table}.created_at, ${table}.is_read`;
}

export function messageRow(columns: Columns): Message {
  const [number, senderId, receiverId, messageText, createdAt, isRead] = columns as [
    MessageNumber,
    UserId,
    UserId,
    string,
    Timestamp,
    boolean,
  ];
  return { id: messageId({ createdAt, number }), senderId, receiverId, messageText, createdAt, isRead };
}

/**
 * Finds one message by number and time. The time is for partitions, and written as a range, so that a plain table is
 * searched by the number: PostgreSQL takes `created_at = …` for as selective, and after a bulk insert it is not.
 */
export function isMessage(table: string, number: string, createdAt: string): string {
  return `${table}.id = ${number} AND ${table}.created_at BETWEEN ${createdAt} AND ${createdAt}`;
}

/** With the last message from `m`. */
export function conversationStateColumns(table: string): string {
  return `${table}.peer_id, ${table}.user_id, ${table}.unread_count, ${messageColumns('m')}`;
}

export function conversationStateRow([
  peerId,
  viewerId,
  unreadCount,
  ...message
]: Columns): ConversationState {
  return {
    viewerId: viewerId as UserId,
    peerId: peerId as UserId,
    unreadCount: unreadCount as number,
    lastMessage: message[0] === null ? null : messageRow(message),
  };
}

/** Before every position that a row can have, and after: the bounds of a page without a cursor. */
export const OLDEST = { createdAt: '-infinity', number: '0' } as Position;
export const NEWEST = { createdAt: 'infinity', number: '9223372036854775807' } as Position;
