import type { Summary } from '../../support/statistics.ts';

/** Whom the load plays, all on one server. */
interface Population {
  readonly url: string;
  /** Each with its name for `sendMessage`. */
  readonly receivers: readonly { readonly name: string; readonly address: string }[];
  readonly senders: readonly string[];
}

/** What became of the messages that were sent since the report before. */
export interface Report {
  readonly sent: number;
  readonly lost: number;
  /** Given again, or after a later one. */
  readonly repeated: number;
  /** Sent before their receiver was connected again. */
  readonly caughtUp: number;
  /** Milliseconds from before the sending until after the event's arrival. */
  readonly delivery: Summary;
  /** What should not happen, with how often it did. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Milliseconds since 1970. */
interface Reconnection {
  readonly droppedAt: number;
  /** When the server had acknowledged the last connection, and its subscription was on its way. */
  readonly acknowledgedAt: number;
}

/** What the load does when it is asked. */
export interface Answers {
  prepare(population: Population): Promise<void>;
  /** The first `count` receivers, a bounded number at a time. */
  connect(count: number): Promise<void>;
  drop(): void;
  sendToEach(request: { readonly rate: number; readonly receivers: number }): Promise<Report>;
  /** Messages a second, to one receiver after the other. */
  startSending(rate: number): void;
  dropAndReconnect(): Promise<Reconnection>;
  /** Latencies are those of what was sent between the two (milliseconds since 1970). */
  stopSending(window: { readonly from: number; readonly until: number }): Promise<Report>;
}

declare global {
  /** What this process answers, by question: see answer-questions.js. */
  var benchAnswers: object;
}
