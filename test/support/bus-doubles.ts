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
