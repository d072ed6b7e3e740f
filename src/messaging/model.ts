import type { Timestamp } from '../lib/rfc3339.ts';
import type { MessageId, Position, UserId } from './ids.ts';

/** Whoever makes a request. Every read and write is made as someone, and sees what they may see. */
export interface Viewer {
  readonly id: UserId;
  /** May read reports. */
  readonly admin: boolean;
}

export interface User {
  readonly id: UserId;
  readonly username: string;
  /** `null` where only the name has come with what shows them: it has to be asked for. */
  readonly createdAt: Timestamp | null;
}

export interface Message {
  readonly id: MessageId;
  readonly senderId: UserId;
  readonly receiverId: UserId;
  readonly messageText: string;
  readonly createdAt: Timestamp;
  readonly isRead: boolean;
}

/** What brings the users whom it shows, those of them who exist: they need not be asked for. */
export interface WithPeople {
  readonly people: readonly User[];
}

/** As found by its id. */
export interface MessageWithPeople extends Message {
  readonly sender: User;
  readonly receiver: User;
}

/** `viewerId`'s side of what they and `peerId` have written to each other. */
export interface Conversation {
  readonly viewerId: UserId;
  readonly peerId: UserId;
}

export interface ConversationState extends Conversation {
  readonly lastMessage: Message | null;
  readonly unreadCount: number;
}

/** A conversation as the list shows it: there is a last message, or there was when the list was read. */
export interface ListedConversation extends ConversationState {
  /** Where its last message stands: what the list is ordered by. */
  readonly last: Position;
}

export type ReportInterval = 'hour' | 'day' | 'month';

export interface MessageReportRow {
  /** The beginning of the hour, day or month (UTC). */
  readonly since: Timestamp;
  readonly messages: number;
  /** From 0 to 1. */
  readonly readShare: number;
  readonly activeSenders: number;
}
