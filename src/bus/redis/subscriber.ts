import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { UserId } from '../../messaging/ids.ts';
import type { Outage } from '../outage.ts';
import { take } from '../take.ts';
import { channelOf, userOf } from './channel.ts';
import { type Connection, openConnection, withoutCommand } from './connection.ts';

const PART = 'subscribe';
/** Redis answers each channel with a line of its own, and serves nobody else meanwhile. */
const MAX_CHANNELS_A_COMMAND = 1_000;
/** A connection that died silently shows it only when it is used. */
const HEARTBEAT_INTERVAL_MS = 5_000;

export interface SubscriberOptions {
  readonly onMessage: (user: UserId, text: string) => void;
  /** Their channels are listened to from now on: what was published before has been missed. */
  readonly onSubscribed: (users: readonly UserId[]) => void;
}

/** Keeps the subscriptions of one connection equal to the users who are watched, across reconnects. */
export class Subscriber implements AsyncDisposable {
  readonly #watched = new Set<UserId>();
  /** Those whose channels are subscribed to on the present connection. */
  readonly #subscribed = new Set<UserId>();
  /** Those of whom the two may not say the same. */
  #unsettled = new Set<UserId>();
  #settling = false;
  readonly #connection: Connection;
  readonly #redis: Redis;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(
    url: string,
    private readonly outage: Outage,
    private readonly options: SubscriberOptions,
  ) {
    this.#connection = openConnection(url, PART, outage);
    this.#redis = this.#connection.redis;
    this.#redis.on('message', (channel, text) => options.onMessage(userOf(channel), text));
    this.#redis.on('ready', () => this.#begin());
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS);
  }

  watch(user: UserId): void {
    this.#watched.add(user);
    this.#change(user);
  }

  unwatch(user: UserId): void {
    this.#watched.delete(user);
    this.#change(user);
  }

  /** A new connection has no subscriptions. */
  #begin() {
    this.#subscribed.clear();
    this.#unsettled = new Set(this.#watched);
    this.#settle();
  }

  #beat() {
    if (this.#redis.status !== 'ready') return;
    // Its failure is the connection's, which reports that itself.
    this.#redis.ping().catch(() => {});
    if (this.#unsettled.size > 0) this.#settle();
  }

  #change(user: UserId) {
    // A connection begins with all who are watched then.
    if (this.#redis.status !== 'ready') return;
    this.#unsettled.add(user);
    this.#settle();
  }

  #settle() {
    if (!this.#settling) void this.#settleAll();
  }

  async #settleAll() {
    this.#settling = true;
    try {
      do {
        // What is asked for in one turn goes with one command.
        await nextTurn();
        await this.#send(take(this.#unsettled, MAX_CHANNELS_A_COMMAND));
      } while (this.#unsettled.size > 0);
      if (this.#redis.status === 'ready') this.outage.end(PART);
    } catch (error) {
      this.outage.begin(PART, withoutCommand(error as Error));
    }
    this.#settling = false;
  }

  async #send(users: readonly UserId[]) {
    const wanted = users.filter((user) => this.#watched.has(user) && !this.#subscribed.has(user));
    const unwanted = users.filter((user) => !this.#watched.has(user) && this.#subscribed.delete(user));
    try {
      await Promise.all([
        wanted.length > 0 && this.#redis.subscribe(...wanted.map(channelOf)),
        unwanted.length > 0 && this.#redis.unsubscribe(...unwanted.map(channelOf)),
      ]);
    } catch (error) {
      // The next heartbeat tries again, if the next connection has not.
      for (const user of wanted) this.#unsettled.add(user);
      throw error;
    }
    for (const user of wanted) this.#subscribed.add(user);
    if (wanted.length > 0) this.options.onSubscribed(wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#connection[Symbol.asyncDispose]();
  }
}
