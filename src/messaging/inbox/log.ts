import type { MessageId, UserId } from '../ids.ts';

/** Beyond every sequence number. */
export const MAX_SEQ = 2n ** 63n - 1n;

/** A place in one user's log, in one life of the database. */
export interface InboxPosition {
  /** Changes when sequence numbers may start again: a database restored, or failed over to a replica. */
  readonly epoch: string;
  readonly seq: bigint;
}

export interface InboxRequest {
  readonly userId: UserId;
  /** The last sequence number that the reader has. */
  readonly after: bigint;
}

type InboxChange =
  | { readonly kind: 'sent'; readonly messageId: MessageId }
  | { readonly kind: 'read'; readonly messageIds: readonly MessageId[]; readonly readerId: UserId }
  | { readonly kind: 'changed' | 'deleted'; readonly messageIds: readonly MessageId[] };

export type LoggedChange = InboxChange & { readonly seq: bigint };

export interface InboxPage {
  readonly epoch: string;
  /** The last sequence number that was given out, 0 for an empty log. */
  readonly head: bigint;
  readonly changes: readonly LoggedChange[];
}

/** What subscribers get. */
export type InboxEvent = LoggedChange & { readonly cursor: string };
