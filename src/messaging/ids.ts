import type { Branded } from '../lib/brand.ts';
import { isTimestamp, type Timestamp } from '../lib/rfc3339.ts';

const MAX_INT4 = 2_147_483_647;
const MAX_INT8 = '9223372036854775807';
const DIGITS = /^[1-9]\d{0,18}$/;

/** `users.id` */
export type UserId = Branded<number, 'UserId'>;

/** `messages.id`; text, since it may be a BIGINT. */
export type MessageNumber = Branded<string, 'MessageNumber'>;

/** `<created_at>/<id>`: with its time, so that a lookup stays in one monthly partition. */
export type MessageId = Branded<string, 'MessageId'>;

/** Where a message stands in time; no two messages share one. Lists are ordered and paged by it. */
export type Position = { readonly createdAt: Timestamp; readonly number: MessageNumber };

export function parseUserId(text: string): UserId | null {
  return DIGITS.test(text) && Number(text) <= MAX_INT4 ? (Number(text) as UserId) : null;
}

/** `<viewer>/<peer>`: a conversation is another object for each side. */
export function parsePeople(text: string): { viewerId: UserId; peerId: UserId } | null {
  const [viewerId, peerId, ...rest] = text.split('/').map(parseUserId);
  return viewerId && peerId && rest.length === 0 ? { viewerId, peerId } : null;
}

export function parsePosition(createdAt: string | undefined, number: string | undefined): Position | null {
  if (createdAt === undefined || number === undefined) return null;
  if (!isTimestamp(createdAt) || !DIGITS.test(number)) return null;
  // As texts of one length they are in the order of their numbers.
  if (number.length === MAX_INT8.length && number > MAX_INT8) return null;
  return { createdAt, number: number as MessageNumber };
}

export function messageId({ createdAt, number }: Position): MessageId {
  return `${createdAt}/${number}` as MessageId;
}

/** The position that is written in a message's id. */
export function positionOf(id: MessageId): Position {
  const slash = id.indexOf('/');
  return { createdAt: id.slice(0, slash), number: id.slice(slash + 1) as MessageNumber };
}

export function parseMessageId(text: string): MessageId | null {
  const { createdAt, number } = positionOf(text as MessageId);
  return parsePosition(createdAt, number) === null ? null : (text as MessageId);
}
