import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisBus } from '../../src/bus/redis/bus.ts';
import type { UserId } from '../../src/messaging/ids.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { noRedis } from '../support/redis-path.js';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { busContract, Ear, ids } from './contract.ts';

describeUnless(noRedis, 'The Redis bus is')('the Redis bus', () => {
  let server: RedisServer;
  /** Another client of the same Redis. */
  let redis: Redis;
  /** Counts what is published to user 0. */
  let probes = 0;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => {});
    redis.on('message', () => probes++);
    await redis.subscribe('parley:inbox:0');
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  /** Waits until both of its connections are there. */
  async function connected(bus: HintBus): Promise<void> {
    const probe = 2_147_483_647 as UserId;
    const ear = new Ear(bus);
    await ear.watch([probe], { selective: true });
    bus.unwatch(probe);
    const before = probes;
    await eventually(() => {
      bus.publish(ids(0, 1));
      return probes > before;
    });
  }

  async function open(reports: string[] = []): Promise<HintBus> {
    const url = server.url;
    const bus = redisBus({ url, onLost: () => reports.push('lost'), onBack: () => reports.push('back') });
    await connected(bus);
    return bus;
  }

  /** Ends the connections of every bus. */
  async function cut(): Promise<void> {
    for (const [, id] of (await clients()).matchAll(/^id=(\d+) .* name=parley-/gm))
      await redis.client('KILL', 'ID', id as string).catch(() => {}); // it may have gone
  }

  const clients = async () => (await redis.client('LIST')) as string;

  /** How many hints Redis has been given. */
  const published = async () =>
    Number(/cmdstat_publish:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);

  /** Users for whom somebody is subscribed, in order. */
  async function channels(): Promise<number[]> {
    const names = (await redis.pubsub('CHANNELS', 'parley:inbox:*')) as string[];
    const users = names.map((name) => Number(name.slice('parley:inbox:'.length)));
    return users.filter((user) => user > 0).sort((a, b) => a - b);
  }

  describe('does what every bus does, and', () => {
    busContract({ open: () => open(), between: { cut }, selective: true });
  });

  test('brings a node only hints about users who are watched there', async () => {
    await using here = await open();
    await using there = await open();
    await using publisher = await open();
    const [ear, other] = [new Ear(here), new Ear(there)];
    // The last ones: hints come in order, so whatever else came would have come before.
    await ear.watch(ids(96, 3), { selective: true });
    await other.watch(ids(98, 3), { selective: true });
    publisher.publish(ids(1, 100));
    await ear.hears(ids(96, 3));
    await other.hears(ids(98, 3));
    expect([[...ear.users], [...other.users]]).toEqual([ids(96, 3), ids(98, 3)]);
  });

  test('is subscribed to exactly those who are watched at the end, however often that changes', async () => {
    await using bus = await open();
    const watched = new Set<UserId>();
    for (let round = 0; round < 60; round++) {
      for (const user of ids(1 + round * 30, 1_200)) {
        bus.watch(user);
        watched.add(user);
      }
      if (round % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      for (const user of ids(7 + round * 30, 1_000)) {
        bus.unwatch(user);
        watched.delete(user);
      }
    }
    expect(watched.size).toBeGreaterThan(200);
    await eventually(async () => expect(await channels()).toEqual([...watched].sort((a, b) => a - b)));
  });

  test('forgets its subscriptions when it is closed', async () => {
    await using bus = await open();
    bus.watch(1 as UserId);
    await eventually(async () => expect(await channels()).toEqual([1]));
    await bus[Symbol.asyncDispose]();
    await eventually(async () => expect(await channels()).toEqual([]));
    expect(await clients()).not.toMatch(/name=parley-/);
  });

  test('does not hear of its own hints a second time', async () => {
    await using bus = await open();
    await using other = await open();
    const ear = new Ear(bus);
    await ear.watch(ids(1, 2), { selective: true });
    bus.publish(ids(1, 1));
    other.publish(ids(2, 1));
    await ear.hears(ids(2, 1));
    expect(ear.hints).toBe(2);
  });

  test('is not harmed by what other programs publish on its channels', async () => {
    await using bus = await open();
    const ear = new Ear(bus);
    await ear.watch(ids(1, 2), { selective: true });
    for (const text of ['', '1', 'nonsense', 'x'.repeat(100_000)])
      await redis.publish('parley:inbox:1', text);
    await redis.publish('parley:inbox:2', '');
    await ear.hears(ids(2, 1));
    expect([...ear.users]).toEqual(ids(1, 2));
  });

  test('says once that Redis is lost and once that it is back, and hints flow again', async () => {
    const reports: string[] = [];
    await using bus = await open(reports);
    await using other = await open();
    const ear = new Ear(bus);
    await ear.watch(ids(1, 3_000), { selective: true });
    for (let round = 1; round <= 2; round++) {
      await server.kill();
      await eventually(() => reports.length === 2 * round - 1);
      for (let user = 1; user <= 3_000; user++) bus.publish(ids(user, 1));
      ear.forget();
      await server.restart();
      await ear.hears(ids(1, 3_000));
      await eventually(() => reports.length === 2 * round);
      ear.forget();
      await ear.comesToHear(ids(1, 1), other);
    }
    expect(reports).toEqual(['lost', 'back', 'lost', 'back']);
  });

  test('notices a Redis that has stopped answering, whoever is spoken to last', async () => {
    const reports: string[] = [];
    await using bus = await open(reports);
    await using silent = await open(reports);
    const ears = [bus, silent].map((each) => new Ear(each));
    for (const ear of ears) await ear.watch(ids(1, 10), { selective: true });
    server.freeze();
    try {
      // One publishes, the other one is only there to listen.
      await eventually(
        () => {
          bus.publish(ids(1, 10));
          return reports.length === 2;
        },
        { withinMs: 10_000 },
      );
    } finally {
      server.resume();
    }
    for (const ear of ears) ear.forget();
    for (const ear of ears) await ear.hears(ids(1, 10));
    await eventually(() => reports.length === 4);
    expect(reports).toEqual(['lost', 'lost', 'back', 'back']);
    for (const ear of ears) ear.forget();
    await ears[1]?.comesToHear(ids(1, 10), bus);
  }, 40_000);

  test('keeps little of what is published while Redis does not answer', async () => {
    await using bus = await open();
    const before = await published();
    server.freeze();
    try {
      for (let from = 1; from <= 100_000; from += 100) {
        bus.publish(ids(from, 100));
        if (from % 10_000 === 1) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      server.resume();
    }
    await connected(bus);
    expect((await published()) - before).toBeLessThan(25_000);
  });

  test('can be closed while Redis does not answer, without waiting for an answer', async () => {
    const reports: string[] = [];
    await using bus = await open(reports);
    bus.watch(1 as UserId);
    bus.publish(ids(1, 10));
    server.freeze();
    try {
      const asked = performance.now();
      await bus[Symbol.asyncDispose]();
      // An answer would be waited for for 2 s.
      expect(performance.now() - asked).toBeLessThan(1_500);
    } finally {
      server.resume();
    }
    expect(reports).toEqual([]);
  });
});
