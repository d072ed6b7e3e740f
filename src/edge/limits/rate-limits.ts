import {
  type IRateLimiterOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { RateLimited } from '../../messaging/errors.ts';
import type { UserId } from '../../messaging/ids.ts';

/** What a viewer may do in a minute. */
export interface Rates {
  readonly queries: number;
  /** Together, as `queryCost` counts. */
  readonly queryCost: number;
  readonly mutations: number;
  readonly subscriptions: number;
}

export interface RateLimits {
  /** @throws RateLimited, with the time until it may be tried again. */
  spend(viewer: UserId, what: keyof Rates, points: number): Promise<void>;
}

const PERIOD_S = 60;

/**
 * Counts in Redis, for all nodes together; each for itself where there is none, or while it is away.
 * @param redis an ioredis client without an offline queue
 */
export function createRateLimits(rates: Rates, redis: object | null): RateLimits {
  function limiterOf(what: keyof Rates): RateLimiterAbstract {
    const options: IRateLimiterOptions = {
      keyPrefix: `parley:rate:${what}`,
      points: rates[what],
      duration: PERIOD_S,
    };
    const alone = new RateLimiterMemory(options);
    if (redis === null) return alone;
    return new RateLimiterRedis({
      ...options,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      insuranceLimiter: alone,
      // Who is over the limit costs Redis nothing more until the minute is over.
      inMemoryBlockOnConsumed: rates[what] + 1,
    });
  }
  const limiters = new Map<keyof Rates, RateLimiterAbstract>();
  for (const what of ['queries', 'queryCost', 'mutations', 'subscriptions'] as const)
    limiters.set(what, limiterOf(what));

  return {
    async spend(viewer, what, points) {
      try {
        await limiters.get(what)?.consume(viewer, points);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const seconds = Math.ceil(error.msBeforeNext / 1_000);
        throw new RateLimited(
          `In a minute a user may have ${rates[what]} ${NAMES[what]}; wait ${seconds} s.`,
          error.msBeforeNext,
        );
      }
    },
  };
}

const NAMES = {
  queries: 'queries',
  queryCost: 'values from queries',
  mutations: 'mutations',
  subscriptions: 'new subscriptions',
} as const satisfies Record<keyof Rates, string>;
