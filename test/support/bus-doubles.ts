import type { UserId } from '../../src/messaging/ids.ts';
import type { HintBus } from '../../src/messaging/ports.ts';

type Listener = Parameters<HintBus['subscribe']>[0];

/** A bus whose hints the test gives itself. */
export class BusByHand implements HintBus {
  readonly #listeners: Listener[] = [];

  /** Who is watched. */
  readonly watched = new Set<UserId>();

  publish(): void {}

  watch(user: UserId): void {
    this.watched.add(user);
  }

  unwatch(user: UserId): void {
    this.watched.delete(user);
  }

  subscribe(listener: Listener): void {
    this.#listeners.push(listener);
  }

  hint(...users: readonly number[]): void {
    for (const listener of this.#listeners) listener(users as readonly UserId[]);
  }

  hintEveryone(): void {
    for (const listener of this.#listeners) listener('everyone');
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** How likely each is, from 0 to 1, for each user of each hint. */
export interface HintFaults {
  readonly lost: number;
  readonly doubled: number;
  /** Late hints come out of order, too. */
  readonly late: number;
  /** About a user who has no news. */
  readonly spurious: number;
}

const MAX_DELAY_MS = 300;

/** Another bus, whose hints come through badly. */
export class FaultyBus implements HintBus {
  /** How often each has happened. */
  readonly counts = { lost: 0, doubled: 0, late: 0, spurious: 0 };
  readonly #late = new Set<NodeJS.Timeout>();
  readonly #watched: UserId[] = [];

  constructor(
    private readonly bus: HintBus,
    private readonly faults: HintFaults,
    /** Gives numbers from 0 to 1. */
    private readonly random: () => number,
  ) {}

  publish(users: readonly UserId[]): void {
    this.bus.publish(users);
  }

  watch(user: UserId): void {
    this.#watched.push(user);
    this.bus.watch(user);
  }

  unwatch(user: UserId): void {
    this.bus.unwatch(user);
  }

  subscribe(listener: Listener): void {
    this.bus.subscribe((users) => {
      for (const news of users === 'everyone' ? [users] : users.map((user) => [user])) {
        const times = this.#happens('lost') ? 0 : this.#happens('doubled') ? 2 : 1;
        for (let time = 0; time < times; time++) this.#tell(listener, news);
        const other = this.#watched[Math.floor(this.random() * this.#watched.length)];
        if (other !== undefined && this.#happens('spurious')) this.#tell(listener, [other]);
      }
    });
  }

  #tell(listener: Listener, news: Parameters<Listener>[0]) {
    if (!this.#happens('late')) return listener(news);
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      listener(news);
    }, this.random() * MAX_DELAY_MS);
    this.#late.add(timer);
  }

  #happens(fault: keyof HintFaults): boolean {
    if (this.random() >= this.faults[fault]) return false;
    this.counts[fault]++;
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    await this.bus[Symbol.asyncDispose]();
  }
}

/** Numbers from 0 to 1, the same ones every time (a linear congruential generator). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
