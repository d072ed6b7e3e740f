import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { batchPerTick } from '../../lib/batch-per-tick.ts';
import { within } from '../../lib/within.ts';
import { MAX_AGE_S } from './recent-messages.ts';

/** A Redis that takes longer is slower than the database. */
const ANSWER_WITHIN_MS = 250;
/** For how long one that has failed is not asked again: each reader would wait for it. */
const LEFT_ALONE_MS = 1_000;
const MAX_KEYS_A_COMMAND = 100;
/** For how long a node that loads an entry keeps others from loading it too; should it die, that is how long they wait. */
const LEASE_MS = 1_000;
const LOOK_AGAIN_MS = 10;

/** Texts under keys in Redis, for all nodes. It may be away, slow or full: then nothing is found, and nobody waits for it. */
export class Shelf {
  readonly #redis: Redis;
  readonly #onFailure: (error: unknown) => void;
  readonly #answerWithinMs: number;
  #failing = false;
  #leftAloneUntil = 0;
  readonly #get = batchPerTick((keys: readonly string[]) => this.#redis.mget(...keys), {
    maxSize: MAX_KEYS_A_COMMAND,
    key: (key) => key,
  });

  /** @param onFailure hears of the first of a row of failures @param answerWithinMs how long each answer is waited for */
  constructor(redis: Redis, onFailure: (error: unknown) => void, answerWithinMs = ANSWER_WITHIN_MS) {
    this.#redis = redis;
    this.#onFailure = onFailure;
    this.#answerWithinMs = answerWithinMs;
  }

  get isThere(): boolean {
    return this.#redis.status === 'ready' && performance.now() >= this.#leftAloneUntil;
  }

  /** @returns `null` where nothing is kept, and where Redis does not answer */
  async get(key: string): Promise<string | null> {
    return (await this.#ask(() => this.#get(key))) ?? null;
  }

  async put(key: string, text: string): Promise<void> {
    await this.#ask(() => this.#redis.set(key, text, 'EX', MAX_AGE_S));
  }

  /**
   * What `load` gives and puts under `key`, or what another node that was quicker has put there.
   * @param find what the text under the key is worth; `null` for nothing
   */
  async loadOnce<Found>(
    key: string,
    find: (text: string | null) => Found | null,
    load: () => Promise<Found>,
  ): Promise<Found> {
    const lease = `${key}:lease`;
    const deadline = performance.now() + LEASE_MS;
    // Without an answer, too, there is nobody to wait for.
    while ((await this.#ask(() => this.#redis.set(lease, '1', 'PX', LEASE_MS, 'NX'))) === null) {
      if (performance.now() > deadline) break;
      await delay(LOOK_AGAIN_MS);
      const found = find(await this.get(key));
      if (found !== null) return found;
    }
    try {
      return await load();
    } finally {
      void this.#ask(() => this.#redis.del(lease));
    }
  }

  /** @returns `undefined` where there is no answer */
  async #ask<Answer>(command: () => Promise<Answer>): Promise<Answer | undefined> {
    if (!this.isThere) return undefined;
    try {
      const answer = await within(this.#answerWithinMs, command());
      this.#failing = false;
      return answer;
    } catch (error) {
      if (!this.#failing) this.#onFailure(error);
      this.#failing = true;
      this.#leftAloneUntil = performance.now() + LEFT_ALONE_MS;
      return undefined;
    }
  }
}
