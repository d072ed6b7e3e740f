import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UserId } from '../messaging/ids.ts';
import { take } from './take.ts';

/** How many wait at most while a send is under way. Hints about more are dropped: the sweep finds what they were about. */
const MAX_WAITING_USERS = 20_000;

/**
 * Gathers the users of one turn of the event loop for one `send`, of `maxUsers` at most. One send is under way at a
 * time; what comes meanwhile goes with the next, each user once.
 */
export class Outbox {
  readonly #waiting = new Set<UserId>();
  #sending: Promise<void> | null = null;

  constructor(
    /** Must not reject. */
    private readonly send: (users: readonly UserId[]) => Promise<void>,
    private readonly maxUsers: number,
  ) {}

  put(users: readonly UserId[]): void {
    for (const user of users) if (this.#waiting.size < MAX_WAITING_USERS) this.#waiting.add(user);
    if (this.#waiting.size > 0) this.#sending ??= this.#sendAll();
  }

  /** Resolves when nothing waits any more. */
  async emptied(): Promise<void> {
    await this.#sending;
  }

  async #sendAll() {
    await nextTurn();
    while (this.#waiting.size > 0) await this.send(take(this.#waiting, this.maxUsers));
    this.#sending = null;
  }
}
