/** What can be wrong with a history. */
export const ANOMALY_NAMES = [
  /** Acknowledged, but not there: not in the table, not as it should be, or told to no device of one who has it. */
  'lost write',
  /** One send gave two messages. */
  'duplicate message',
  /** One event was delivered twice to a device. */
  'duplicate delivery',
  /** Somebody was shown what nobody wrote. */
  'phantom',
  /** Against the order in which writes ended, or in which another device of the same user was told. */
  'out of order',
  /** A device was not told something that lies between what it was told. */
  'skipped',
  /** A cursor stood for two events, or went back to before where the device began. */
  'non-monotonic cursor',
  /** Unread counts are not what the messages beside them say. */
  'unread drift',
  /** What was loaded plus what was streamed is not what is there. */
  'state drift',
  /** Somebody was shown what is not theirs. */
  'leak',
  /** RESYNC_REQUIRED although the log reached back far enough. */
  'needless resync',
  /** A write was not answered although nothing but hints and clients' connections was lost. */
  'failed write',
  /** A write was refused that nothing was wrong with. */
  'wrong refusal',
  /** An answer with the code INTERNAL: a fault that the server does not know. */
  'internal error',
  /** Somebody did not come to an end after everything had healed. */
  'stuck',
  /** A node ended by itself, or did not end well when asked to. */
  'unclean exit',
] as const;

export type AnomalyName = (typeof ANOMALY_NAMES)[number];

export interface Anomaly {
  readonly name: AnomalyName;
  readonly detail: string;
  /** The messages that it is about: what else is odd about them follows from it, and is not told again. */
  readonly ids?: readonly string[];
}
