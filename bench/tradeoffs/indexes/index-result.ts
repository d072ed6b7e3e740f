export const INDEXES = [
  'idx_messages_sender',
  'idx_messages_receiver',
  'idx_messages_created',
  'idx_msg_covering',
  'idx_messages_conversation',
  'idx_messages_unread',
] as const;

export type IndexName = (typeof INDEXES)[number];

/** The same with all indexes and without one of them. */
export interface OnAndOff {
  readonly on: number;
  readonly off: number;
  /** The rounds' own ratios of without to with. */
  readonly ratios: readonly number[];
}

export interface IndexResult {
  readonly name: IndexName;
  readonly bytes: number;
  /** Milliseconds of each read that could use it. */
  readonly reads: readonly (OnAndOff & { readonly read: string })[];
  /** Microseconds of server and database for one message sent. */
  readonly send: OnAndOff;
}
