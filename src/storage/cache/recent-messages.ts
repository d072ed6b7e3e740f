import type { Timestamp } from '../../lib/rfc3339.ts';
import { type MessageNumber, messageId, positionOf, type UserId } from '../../messaging/ids.ts';
import type { Message } from '../../messaging/model.ts';
import type { Page } from '../../messaging/page.ts';
import type { ConversationEnds, ConversationKey } from '../statements/conversation-ends.ts';

/** Of a conversation, the newest so many are kept: a usual first page. */
export const RECENT = 50;
/** Kept no longer, whatever comes: a message that was changed past the triggers is shown as it was until then. */
export const MAX_AGE_S = 3_600;

/** The newest messages of a conversation, and since where in the logs of its two people nothing in it has changed. */
export interface RecentMessages extends Page<Message> {
  readonly ends: Ends;
}

/** Where the logs of the two end, the one with the lower id first. */
export type Ends = readonly [lower: string, higher: string];

/** The same for both of them. */
export function pairOf([viewer, peer]: ConversationKey): ConversationKey {
  return viewer <= peer ? [viewer, peer] : [peer, viewer];
}

export function endsOf([viewer, peer]: ConversationKey, ends: ConversationEnds): Ends {
  return viewer <= peer ? [ends.viewer, ends.peer] : [ends.peer, ends.viewer];
}

/**
 * Whatever changes a conversation moves the logs of both in its own transaction: as long as one of them ends where it did,
 * nothing in it has changed, however much the other has had from other people.
 */
export function isUnchanged([lower, higher]: Ends, [lowerNow, higherNow]: Ends): boolean {
  return lower === lowerNow || higher === higherNow;
}

const [IS_READ, IS_OF_LOWER] = [1, 2];

export function write({ ends, items, hasNextPage }: RecentMessages, [lower]: ConversationKey): string {
  const rows = items.map(({ id, senderId, messageText, isRead }) => {
    const { number, createdAt } = positionOf(id);
    const flags = (isRead ? IS_READ : 0) | (senderId === lower ? IS_OF_LOWER : 0);
    return [number, createdAt, messageText, flags];
  });
  return JSON.stringify([ends, hasNextPage, rows]);
}

type Row = readonly [number: MessageNumber, createdAt: Timestamp, messageText: string, flags: number];

/** @returns `null` for what `write` has not written */
export function read(text: string, [lower, higher]: ConversationKey): RecentMessages | null {
  try {
    const [ends, hasNextPage, rows] = JSON.parse(text) as [Ends, boolean, readonly Row[]];
    const items = rows.map((row) => messageIn(row, lower, higher));
    return { ends, items, hasNextPage, hasPreviousPage: false };
  } catch {
    return null;
  }
}

function messageIn([number, createdAt, messageText, flags]: Row, lower: UserId, higher: UserId): Message {
  const isOfLower = (flags & IS_OF_LOWER) !== 0;
  return {
    id: messageId({ createdAt, number }),
    senderId: isOfLower ? lower : higher,
    receiverId: isOfLower ? higher : lower,
    messageText,
    createdAt,
    isRead: (flags & IS_READ) !== 0,
  };
}

/** The newest `limit` of them, of at most RECENT. */
export function newest({ items, hasNextPage }: RecentMessages, limit: number): Page<Message> {
  return items.length <= limit
    ? { items, hasNextPage, hasPreviousPage: false }
    : { items: items.slice(0, limit), hasNextPage: true, hasPreviousPage: false };
}
