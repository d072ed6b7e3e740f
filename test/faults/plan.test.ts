import { expect, test } from '@jest/globals';
import type { RedisServer } from '../support/redis-server.ts';
import type { SmallDisk } from '../support/small-disk.ts';
import type { Facilities } from './injections/fault.ts';
import { FAULTS } from './injections/faults.ts';
import { killNode } from './injections/nodes.ts';
import { cutRedis, cutRedisLong } from './injections/redis.ts';
import { planRound, planSlowly } from './plan.ts';

const EVERYTHING = { redis: {} as RedisServer, disk: {} as SmallDisk } satisfies Facilities;
const NOTHING = { redis: null, disk: null } satisfies Facilities;
const NUMBERS = Array.from({ length: 100 }, (_, number) => number);

const planAll = (facilities: Facilities, seed: number) =>
  NUMBERS.map((number) => planRound(facilities, seed, number));
const faultsIn = (plans: ReturnType<typeof planAll>) =>
  new Set(plans.flatMap(({ faults }) => faults.map(({ fault }) => fault)));

test('the same seed plans the same rounds, whichever of them is asked for', () => {
  expect(planAll(EVERYTHING, 7)).toEqual(planAll(EVERYTHING, 7));
  expect(planAll(EVERYTHING, 7)).not.toEqual(planAll(EVERYTHING, 8));
});

test('a hundred rounds have every fault', () => {
  for (const seed of [1, 2, 3]) expect(faultsIn(planAll(EVERYTHING, seed))).toEqual(new Set(FAULTS));
});

test('where there is no Redis and no disk that can be full, their faults are left out, and nothing else', () => {
  const left = [...faultsIn(planAll(NOTHING, 1))].map(({ name }) => name);
  const missing = FAULTS.filter(({ name }) => !left.includes(name)).map(({ name }) => name);
  expect(missing).toEqual(FAULTS.map(({ name }) => name).filter((name) => /Redis|disk/.test(name)));
  expect(planAll(NOTHING, 1).every(({ bus }) => bus === 'postgres')).toBe(true);
});

test('two faults of one round do not touch the same part', () => {
  for (const { faults } of planAll(EVERYTHING, 1)) {
    const touched = faults.map(({ fault }) => fault.touches);
    expect(new Set(touched).size).toBe(touched.length);
  }
});

test('the long fault begins with its round, so that senders outlast it', () => {
  expect(planSlowly(1, 0, cutRedisLong).faults).toEqual([{ fault: cutRedisLong, afterSends: 0 }]);
});

test('every round has one of the faults that are asked for', () => {
  for (const number of NUMBERS)
    expect(planRound(EVERYTHING, 1, number, [killNode]).faults[0]?.fault).toBe(killNode);
});

test('a fault that this machine cannot have is refused with the reason', () => {
  expect(() => planRound(NOTHING, 1, 0, [cutRedis])).toThrow('there is no Redis');
});
