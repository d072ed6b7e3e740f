import type { UserId } from '../ids.ts';
import type { HintBus } from '../ports.ts';
import { type InboxRequest, MAX_SEQ } from './log.ts';

/** A subscription that is told what may concern it. */
interface Follower {
  readonly userId: UserId;
  /** The last sequence number that was given to the subscriber. */
  readonly position: bigint;
  hint(): void;
  close(): void;
}

/** All subscriptions of this process, by user. */
export class Followers {
  readonly #byUser = new Map<UserId, Set<Follower>>();
  #closed = false;

  constructor(private readonly bus: Pick<HintBus, 'watch' | 'unwatch'>) {}

  get count(): number {
    return [...this.#byUser.values()].reduce((sum, { size }) => sum + size, 0);
  }

  add(follower: Follower): void {
    // Nobody will hint any more.
    if (this.#closed) follower.close();
    const ofUser = this.#byUser.get(follower.userId);
    if (ofUser) ofUser.add(follower);
    else {
      this.#byUser.set(follower.userId, new Set([follower]));
      this.bus.watch(follower.userId);
    }
  }

  remove(follower: Follower): void {
    const ofUser = this.#byUser.get(follower.userId);
    ofUser?.delete(follower);
    if (ofUser?.size === 0) {
      this.#byUser.delete(follower.userId);
      this.bus.unwatch(follower.userId);
    }
  }

  hint(users: readonly UserId[] | 'everyone'): void {
    for (const user of users === 'everyone' ? this.#byUser.keys() : users)
      for (const follower of this.#byUser.get(user) ?? []) follower.hint();
  }

  /** For each user the position of the subscription that is furthest behind. */
  positions(): readonly InboxRequest[] {
    return [...this.#byUser].map(([userId, followers]) => ({
      userId,
      after: furthestBehind(followers),
    }));
  }

  /** Those that come later, too. */
  closeAll(): void {
    this.#closed = true;
    for (const followers of this.#byUser.values()) for (const follower of followers) follower.close();
  }
}

function furthestBehind(followers: Iterable<Follower>): bigint {
  let least = MAX_SEQ;
  for (const { position } of followers) if (position < least) least = position;
  return least;
}
