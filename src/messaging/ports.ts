import type { Timestamp } from '../lib/rfc3339.ts';
import type { MessageId, Position, UserId } from './ids.ts';
import type { InboxPage, InboxPosition, InboxRequest } from './inbox/log.ts';
import type {
  ConversationState,
  ListedConversation,
  Message,
  MessageReportRow,
  MessageWithPeople,
  ReportInterval,
  User,
  WithPeople,
} from './model.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * What messaging asks of its storage. Each method is one SQL statement, made as the viewer: the scope is the permission.
 * What is asked in the same turn of the event loop, by many viewers, may share one.
 */
export interface MessageReader {
  /** One answer for each id, in their order; `null` where there is none. So for all lists below. */
  users(ids: readonly UserId[]): Promise<readonly (User | null)[]>;
  userByName(username: string): Promise<User | null>;
  /** `null` unless the viewer sent or received it. */
  messages(viewer: UserId, ids: readonly MessageId[]): Promise<readonly (MessageWithPeople | null)[]>;
  messagePage(viewer: UserId, peer: UserId, page: PageRequest): Promise<Page<Message> & WithPeople>;
  /** A conversation without messages is one too, with `lastMessage: null`. */
  conversationStates(
    viewer: UserId,
    peers: readonly UserId[],
  ): Promise<readonly (ConversationState & WithPeople)[]>;
  /** The page brings the viewer, and each conversation the peer. */
  conversationPage(
    viewer: UserId,
    page: PageRequest,
  ): Promise<Page<ListedConversation & WithPeople> & WithPeople>;
  unreadCount(viewer: UserId): Promise<number>;
  /** Where the viewer's log ends. */
  inboxEnd(viewer: UserId): Promise<InboxPosition>;
}

/** A reader whose every answer shows the database at one moment; it holds a connection until it is disposed. */
export interface SnapshotReader extends MessageReader, AsyncDisposable {}

export interface NewMessage {
  readonly receiverId: UserId;
  readonly messageText: string;
  readonly idempotency: { readonly key: string; readonly inputHash: Buffer } | null;
}

export type SendOutcome =
  | { readonly kind: 'sent' | 'repeated'; readonly message: MessageWithPeople }
  | { readonly kind: 'other input' | 'deleted since' | 'no such receiver' };

export interface MessageWriter {
  send(sender: UserId, message: NewMessage): Promise<SendOutcome>;
  /** How many became read; `null` when `upTo` is not a message between the two. */
  markRead(viewer: UserId, peer: UserId, upTo: Position | null): Promise<number | null>;
}

export interface InboxLog {
  /** One page for each request, all from one snapshot; `null` where there is no such user. */
  read(requests: readonly InboxRequest[], limit: number): Promise<readonly (InboxPage | null)[]>;
  /** The users among these whose log has grown past `after`, or is no longer as long. */
  moved(positions: readonly InboxRequest[]): Promise<{ epoch: string; users: readonly UserId[] }>;
}

/** Tells other processes that a user's log has grown. Hints may be lost, doubled or late: the log is the truth. */
export interface HintBus extends AsyncDisposable {
  /** Never throws and never waits. */
  publish(users: readonly UserId[]): void;
  /**
   * Hints about this user are wanted here: listeners need not be told of others. They are told of the user, too, when
   * the bus has begun, or begun again, to hear hints about them: those before have been missed.
   */
  watch(user: UserId): void;
  unwatch(user: UserId): void;
  /** `everyone` stands for users unknown, after hints may have been missed. */
  subscribe(listener: (users: readonly UserId[] | 'everyone') => void): void;
}

export interface Reports {
  messages(
    since: Timestamp,
    until: Timestamp,
    interval: ReportInterval,
  ): Promise<readonly MessageReportRow[]>;
}

/** A user as tokens name them. */
export interface NamedUser {
  readonly id: UserId;
  /** The `sub` claim. */
  readonly externalId: string;
}

/** Who a token's `sub` is. */
export interface UserDirectory {
  find(externalId: string): Promise<UserId | null>;
  /** Finds or creates. The name gets a suffix when someone else has it. */
  provision(externalId: string, username: string): Promise<UserId>;
  /** Those among these who do not exist any more, or have another `sub`. */
  gone<Named extends NamedUser>(users: readonly Named[]): Promise<readonly Named[]>;
}
