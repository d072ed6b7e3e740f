import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noRedis } from '../support/redis-path.js';

import { noSmallDisk } from '../support/small-disk.ts';
import { judge } from './checker/judge.ts';
import {
  exhaustPool,
  fillDisk,
  killDatabase,
  terminateBackends,
  terminateListeners,
} from './injections/database.ts';
import type { Fault } from './injections/fault.ts';
import { FAULTS } from './injections/faults.ts';
import {
  cutClients,
  droppedDatabase,
  refusedDatabase,
  resetDatabase,
  slowDatabase,
} from './injections/network.ts';
import { clockJump, freezeNode, killAllNodes, killNode, rollingRestart } from './injections/nodes.ts';
import { cutRedis, dropRedis, freezeRedis, killRedis } from './injections/redis.ts';
import { lateCommits, manyDuplicates } from './injections/writes.ts';
import { planOf } from './plan.ts';
import { Tally } from './report/tally.ts';
import { playRound } from './round.ts';
import { endOf } from './run.ts';
import { type Bus, System } from './system/system.ts';

const SEED = 20_261_125;
/** A round takes about three seconds; the machine may be busy with other things. */
const ROUND_WITHIN_MS = 150_000;

/** Each fault once at least; those that fail no write among themselves, where it is asked that all are answered. */
const ROUNDS: readonly (readonly [Bus, ...Fault[]])[] = [
  ['postgres', terminateListeners, clockJump, cutClients, lateCommits],
  ['postgres', killNode, slowDatabase, manyDuplicates],
  ['postgres', killDatabase, rollingRestart],
  ['postgres', exhaustPool, resetDatabase],
  ['redis', killRedis, clockJump, cutClients],
  ['redis', freezeRedis, clockJump],
  ['redis', cutRedis, cutClients],
  ['redis', dropRedis, lateCommits],
  ['redis', terminateBackends, refusedDatabase],
  ['redis', fillDisk, killAllNodes],
  ['redis', droppedDatabase, freezeNode],
];

const BUSES: readonly Bus[] = ['postgres', 'redis'];

let system: System;
const tally = new Tally();
if (noRedis !== null) process.stderr.write(`Faults of Redis are not tested: ${noRedis}\n`);
if (noSmallDisk !== null) process.stderr.write(`A full disk is not tested: ${noSmallDisk}\n`);
beforeAll(async () => {
  system = await System.prepare();
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
});

const namesOf = (faults: readonly Fault[]) => faults.map(({ name }) => name).join(', ');

test('the rounds have every fault that there is', () => {
  const all = new Set(ROUNDS.flatMap(([, ...faults]) => faults));
  expect(namesOf(FAULTS.filter((fault) => !all.has(fault)))).toBe('');
});

test('a round has only faults that may fail writes, or only such as may not', () => {
  const mixed = ROUNDS.filter(
    ([, ...faults]) => new Set(faults.map(({ failsWrites }) => failsWrites)).size > 1,
  );
  expect(mixed.map(([, ...faults]) => namesOf(faults))).toEqual([]);
});

test.each(ROUNDS.map(([bus, ...faults], number) => ({ bus, faults, number, names: namesOf(faults) })))(
  'nothing is lost, doubled, invented, disordered or leaked: $names (hints by $bus)',
  async ({ bus: wished, faults, number }) => {
    const bus = system.redis === null ? 'postgres' : wished;
    const possible = faults.filter(({ hindrance = () => null }) => hindrance(system, bus) === null);
    const events = await playRound(system, planOf({ seed: SEED, number, bus, faults: possible }));
    const anomalies = judge(events);
    tally.addRound(events, anomalies);
    expect(anomalies).toEqual([]);
    await system.clear();
  },
  ROUND_WITHIN_MS,
);

test('the rounds gave the checker enough to look at', () => {
  expect(tally.total('acknowledged writes')).toBeGreaterThan(20 * ROUNDS.length);
  expect(tally.total('deliveries')).toBeGreaterThan(50 * ROUNDS.length);
  expect(tally.total('resumes')).toBeGreaterThan(2 * ROUNDS.length);
  expect(tally.total('snapshots')).toBeGreaterThan(10 * ROUNDS.length);
  expect(tally.total('exits')).toBeGreaterThan(3);
  // While all nodes are gone, whoever writes gets no answer.
  expect(tally.total('unanswered writes')).toBeGreaterThan(0);
});

test('every fault was injected that this machine can have', () => {
  const planned = ROUNDS.flatMap(([, ...faults]) => faults);
  const possible = planned.filter(({ hindrance = () => null }) =>
    BUSES.some((bus) => hindrance(system, bus) === null),
  );
  expect(tally.faults).toEqual(new Set(possible.map(({ name }) => name)));
});

test(
  'nodes that have been through all that end well',
  async () => {
    const events = await endOf(system);
    expect(events).toHaveLength(system.nodes.length);
    expect(judge(events)).toEqual([]);
  },
  ROUND_WITHIN_MS,
);
