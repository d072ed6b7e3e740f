/** A message as somebody was shown it; people by their names. */
export interface Shown {
  readonly id: string;
  readonly text: string;
  readonly isRead: boolean;
  readonly sender: string;
  readonly receiver: string;
}

export interface Draft {
  readonly text: string;
  readonly sender: string;
  readonly receiver: string;
}

/** What somebody wants written. Texts are like no other in the history: by them messages are told apart. */
export type Write =
  /** Through the API; `key` is null when it may be sent only once. */
  | ({ readonly kind: 'send'; readonly key: string | null } & Draft)
  /** Through the API: all that `peer` sent to `viewer`, or up to one message. */
  | { readonly kind: 'mark'; readonly viewer: string; readonly peer: string; readonly upTo: string | null }
  // By another program, in one transaction each.
  | { readonly kind: 'insert'; readonly drafts: readonly Draft[] }
  | { readonly kind: 'edit'; readonly message: Shown; readonly text: string }
  | { readonly kind: 'read' | 'unread' | 'delete'; readonly messages: readonly Shown[] }
  /** What the log of this user holds so far is deleted, as retention does it. */
  | { readonly kind: 'trim'; readonly user: string };

/** How one attempt ended: `not done` is certain, `unknown` is not (no answer, or one that leaves it open). */
export type Outcome =
  | { readonly outcome: 'done'; readonly id?: string }
  | { readonly outcome: 'not done' | 'unknown'; readonly why: string };

/** What one subscription event told. */
export type Told =
  | { readonly kind: 'sent'; readonly message: Shown | null }
  | { readonly kind: 'read'; readonly reader: string; readonly messages: readonly Shown[] }
  | { readonly kind: 'changed'; readonly messages: readonly Shown[] }
  | { readonly kind: 'deleted'; readonly ids: readonly string[] };

/** All that one user was shown in one response. */
export interface Inbox {
  readonly user: string;
  readonly cursor: string;
  readonly unreadCount: number;
  readonly conversations: readonly { readonly peer: string; readonly unreadCount: number }[];
  readonly messages: readonly Shown[];
}

/** What a client or the run itself did or saw. */
export type Occurrence =
  | { readonly type: 'begin'; readonly op: string; readonly attempt: number; readonly write: Write }
  | ({ readonly type: 'end'; readonly op: string; readonly attempt: number } & Outcome)
  /** `device` begins to follow from there, or is null: only a look. The last look of each user is `final`. */
  | ({ readonly type: 'snapshot'; readonly device: string | null; readonly final: boolean } & Inbox)
  | {
      readonly type: 'resume';
      readonly device: string;
      readonly node: number;
      readonly after: string;
      readonly why: string;
    }
  | { readonly type: 'delivered'; readonly device: string; readonly cursor: string; readonly told: Told }
  | { readonly type: 'stream error'; readonly device: string; readonly code: string }
  | { readonly type: 'fault'; readonly name: string; readonly failsWrites: boolean }
  | { readonly type: 'healed'; readonly name: string }
  /** A process ended; `asked` is the signal that it was sent, null when nobody asked it to. */
  | {
      readonly type: 'exit';
      readonly node: number;
      readonly asked: NodeJS.Signals | null;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly tookMs: number;
    }
  /** Somebody who should have come to an end did not within the bound. */
  | { readonly type: 'gave up'; readonly who: string; readonly waitingFor: string }
  /** All messages of the round's people, by the table alone, when everything was quiet. */
  | { readonly type: 'table'; readonly messages: readonly Shown[] };

/** With the milliseconds of one monotonic clock. */
export type HistoryEvent = Occurrence & { readonly at: number };
