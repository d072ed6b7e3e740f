import type { Timestamp } from '../lib/rfc3339.ts';
import { type MessageNumber, messageId, type Position, type UserId } from '../messaging/ids.ts';
import type { Message, MessageWithPeople, User } from '../messaging/model.ts';
import type { Columns } from './statement.ts';

// Each kind of row is made of consecutive columns, from the place `at` on.

export function userColumns(table: string): string {
  return `${table}.id, ${table}.username, ${table}.created_at`;
}

export function userRow(columns: Columns, at = 0): User {
  return {
    id: columns[at] as UserId,
    username: columns[at + 1] as string,
    createdAt: columns[at + 2] as Timestamp,
  };
}

/** The columns of `messages` that hold its people's names, where they are kept: see scaling/denormalizing. */
export const NAMES = ['sender_username', 'receiver_username'] as const;

/** Of whom only the name has come. */
function namedUser(id: UserId, username: string): User {
  return { id, username, createdAt: null };
}

/** `id::bigint`: widening the column later must not change the result type of a prepared statement. */
export function messageColumns(table: string): string {
  return `${table}.id::bigint, ${table}.sender_id, ${table}.receiver_id, ${messageText(table)}, ${table}.created_at, ${table}.is_read`;
}

/** `full_text`: a long text that does not fit the covering index; see the base migration. */
export function messageText(table: string): string {
  return `coalesce(${table}.full_text, ${table}.message_text)`;
}

export function messageRow(columns: Columns, at = 0): Message {
  const number = columns[at] as MessageNumber;
  const createdAt = columns[at + 4] as Timestamp;
  return {
    id: messageId({ createdAt, number }),
    senderId: columns[at + 1] as UserId,
    receiverId: columns[at + 2] as UserId,
    messageText: columns[at + 3] as string,
    createdAt,
    isRead: columns[at + 5] as boolean,
  };
}

export function messageWithPeopleRow(columns: Columns, at = 0): MessageWithPeople {
  const { id, senderId, receiverId, messageText, createdAt, isRead } = messageRow(columns, at);
  const [sender, receiver] = [userRow(columns, at + 6), userRow(columns, at + 9)];
  // Not `...message`: V8 copies that key by key.
  return { id, senderId, receiverId, messageText, createdAt, isRead, sender, receiver };
}

/** With the names that stand after its columns. */
export function messageWithNamesRow(columns: Columns, at = 0): MessageWithPeople {
  const { id, senderId, receiverId, messageText, createdAt, isRead } = messageRow(columns, at);
  const sender = namedUser(senderId, columns[at + 6] as string);
  const receiver = namedUser(receiverId, columns[at + 7] as string);
  return { id, senderId, receiverId, messageText, createdAt, isRead, sender, receiver };
}

/** In the order of their bits: see `messageInList`. */
export const messageFlags = (table: string) => [`${table}.is_read`, `${table}.sender_id = wanted.viewer`];
const [IS_READ, IS_SENT] = [1, 2];

/** From three columns: its number, its text and its time. Who wrote it follows from whose list it stands in. */
export function messageInList(
  columns: Columns,
  at: number,
  flags: number,
  viewer: UserId,
  peer: UserId,
): Message {
  const number = columns[at] as MessageNumber;
  const createdAt = columns[at + 2] as Timestamp;
  const isSent = (flags & IS_SENT) !== 0;
  return {
    id: messageId({ createdAt, number }),
    senderId: isSent ? viewer : peer,
    receiverId: isSent ? peer : viewer,
    messageText: columns[at + 1] as string,
    createdAt,
    isRead: (flags & IS_READ) !== 0,
  };
}

/** Both people of a message in a list, the viewer first, from the columns of its names; nobody where there is no message. */
export function peopleInList(
  columns: Columns,
  at: number,
  flags: number,
  viewer: UserId,
  peer: UserId,
): readonly [User, User] | readonly [] {
  const [sender, receiver] = [columns[at], columns[at + 1]] as [string | null, string];
  if (sender === null) return [];
  const isSent = (flags & IS_SENT) !== 0;
  return [namedUser(viewer, isSent ? sender : receiver), namedUser(peer, isSent ? receiver : sender)];
}

/**
 * Finds one message by number and time. The time is for partitions, and written as a range, so that a plain table is
 * searched by the number: PostgreSQL takes `created_at = …` for as selective, and after a bulk insert it is not.
 */
export function isMessage(table: string, number: string, createdAt: string): string {
  return `${table}.id = ${number} AND ${table}.created_at BETWEEN ${createdAt} AND ${createdAt}`;
}

/** What a subquery has of a message: all that its row is made of. */
export function ofMessages(further: readonly string[] = []): string {
  return [
    'id',
    'sender_id',
    'receiver_id',
    'message_text',
    'full_text',
    'created_at',
    'is_read',
    ...further,
  ].join(', ');
}

/**
 * To join one message by number and time. `LIMIT 1` makes it one probe of one partition: for a join of few messages PostgreSQL
 * was seen to read all partitions (test/scaling/touched-partitions). @param further columns that are needed
 */
export function theMessage(
  table: string,
  number: string,
  createdAt: string,
  further: readonly string[] = [],
): string {
  return `LATERAL (
      SELECT ${ofMessages(further)} FROM messages
      WHERE ${isMessage('messages', number, createdAt)} LIMIT 1
    ) ${table} ON true`;
}

/** Before every position that a row can have, and after: the bounds of a page without a cursor. */
export const OLDEST = { createdAt: '-infinity', number: '0' } as Position;
export const NEWEST = { createdAt: 'infinity', number: '9223372036854775807' } as Position;
