import type { BenchUser } from '../../sockets/contestant.ts';
import type { Summary } from '../../support/statistics.ts';

/** Who is connected, and who writes to them. */
export interface Population {
  /** Of the sockets: `ws://…`. */
  readonly url: string;
  readonly users: readonly BenchUser[];
  readonly socketsEach: number;
  /** The users themselves, or others who follow nothing. */
  readonly senders: readonly BenchUser[];
}

/** How messages get to the server that pushes them. */
export type FeedOptions =
  /** Another program's INSERTs, with the hints of another node, by LISTEN and NOTIFY. */
  | { readonly kind: 'sql'; readonly databaseUrl: string }
  /** To where takeLines listens: whole events, or the very texts that clients get. */
  | { readonly kind: 'events' | 'texts'; readonly port: number }
  /** `sendMessage` over sockets (`ws://…`), one for each sender. */
  | {
      readonly kind: 'mutations';
      readonly url: string;
      /** How the server names each user, by name. */
      readonly addresses: Readonly<Record<string, string>>;
    };

export interface Traffic {
  readonly messages: number;
  /** Messages a second; `null` for as many as the server takes. */
  readonly rate: number | null;
}

/** What became of one traffic. Latencies in milliseconds. */
export interface Report {
  readonly sent: number;
  readonly deliveries: number;
  readonly lost: number;
  /** Given again, or to who should not get it. */
  readonly repeated: number;
  /** From the first sending until the last arrival. */
  readonly ms: number;
  /** From before the sending until the arrival. */
  readonly sendToPush: Summary;
  /** From when the sender knew that it was committed until the arrival, which may have been before. */
  readonly commitToPush: Summary;
}

/** What the load does when it is asked. */
export interface Answers {
  /** Connects everybody. */
  connect(population: Population): Promise<void>;
  openFeed(options: FeedOptions): Promise<void>;
  /** Resolves when everything has arrived, or nothing has for long. */
  send(traffic: Traffic): Promise<Report>;
  closeFeed(): Promise<void>;
  /** Milliseconds of each of `count` requests, one after the other, of the message that was last pushed. */
  request(query: { readonly url: string; readonly count: number }): Promise<Summary>;
  drop(): void;
}
