import { type PushStream, pulled, type Take } from '../../lib/push-stream.ts';
import { ResyncRequired, Unavailable, ViewerGone } from '../errors.ts';
import type { UserId } from '../ids.ts';
import { decodeInboxCursor } from './cursor.ts';
import type { Followers } from './followers.ts';
import { type InboxEvent, type InboxPosition, type InboxRequest, MAX_SEQ } from './log.ts';
import { PAGE_SIZE, type Reading } from './reading.ts';

/** Reads one page of a log; `null` where there is no such user. */
export type ReadPage = (request: InboxRequest) => Promise<Reading | null>;

/**
 * One subscription: its place in its user's log, and its ear for hints. It reads the log after its place, gives what it
 * finds, and goes on until nothing is left; a hint makes it look again. So a slow subscriber holds no queue in memory, and
 * one for whom nothing happens holds no promise and no waiting function, which V8 would copy at each collection.
 */
export class Following implements PushStream<InboxEvent>, AsyncIterable<InboxEvent> {
  readonly userId: UserId;
  /** The last sequence number that was given to the subscriber. */
  position = MAX_SEQ;
  readonly #cursor: string | null;
  readonly #read: ReadPage;
  readonly #followers: Followers;
  /** Of the log; `null` as long as it is not known where to begin. */
  #epoch: string | null = null;
  #take: Take<InboxEvent> = () => undefined;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  /** Whether it has read a page after its place: from then on it outlasts the absence of the database. */
  #begun = false;
  #busy = false;
  #hinted = false;
  #closed = false;

  constructor(userId: UserId, cursor: string | null, read: ReadPage, followers: Followers) {
    this.userId = userId;
    this.#cursor = cursor;
    this.#read = read;
    this.#followers = followers;
  }

  /**
   * Gives everything that happens in the inbox after the cursor, or from now on without it.
   * @throws BadUserInput when the cursor is not of this inbox; ResyncRequired when the log cannot prove completeness;
   * ViewerGone when the user has been deleted.
   */
  run(take: Take<InboxEvent>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#take = take;
      this.#settle = { resolve, reject };
      this.hint();
    });
  }

  close(): void {
    this.#closed = true;
    if (!this.#busy) this.#end();
  }

  /** Something may have happened. */
  hint(): void {
    this.#hinted = true;
    if (!this.#busy) void this.#catchUp();
  }

  [Symbol.asyncIterator]() {
    return pulled(this);
  }

  async #catchUp(): Promise<void> {
    this.#busy = true;
    try {
      if (this.#epoch === null && !this.#closed) await this.#findStart();
      while (this.#hinted && !this.#closed) {
        // Before reading, so that what comes in the meantime is not missed.
        this.#hinted = false;
        const events = await this.#nextEvents();
        for (const event of events) {
          if (this.#closed) break;
          this.position = event.seq;
          const taken = this.#take(event);
          if (taken !== undefined) await taken;
        }
        if (events.length === PAGE_SIZE) this.#hinted = true;
      }
      this.#busy = false;
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#closed) this.#end();
  }

  async #findStart(): Promise<void> {
    const resumed = this.#cursor === null ? null : decodeInboxCursor(this.userId, this.#cursor);
    const { epoch, seq } = resumed ?? (await this.#logEnd());
    this.#epoch = epoch;
    this.position = seq;
    this.#followers.add(this);
  }

  async #logEnd(): Promise<InboxPosition> {
    const { epoch, head } = existing(await this.#read({ userId: this.userId, after: MAX_SEQ }));
    return { epoch, seq: head };
  }

  /** Of one page. */
  #nextEvents(): Promise<readonly InboxEvent[]> {
    const { userId, position } = this;
    return this.#read({ userId, after: position }).then(
      (reading) => this.#provenEvents(existing(reading)),
      (error: unknown) => {
        // The first sweep that succeeds sees that this log has moved on, and hints.
        if (this.#begun && error instanceof Unavailable) return [];
        throw error;
      },
    );
  }

  #provenEvents({ epoch, isComplete, events }: Reading): readonly InboxEvent[] {
    this.#begun = true;
    if (epoch !== this.#epoch || !isComplete) throw new ResyncRequired();
    return events;
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#settle?.reject(error);
    this.#closed = true;
    this.#busy = false;
    this.#end();
  }

  #end(): void {
    this.#followers.remove(this);
    this.#settle?.resolve();
  }
}

function existing(reading: Reading | null): Reading {
  // Their log is gone, too; to load again would be no use.
  if (reading === null) throw new ViewerGone();
  return reading;
}
