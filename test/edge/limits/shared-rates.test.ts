import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestClient } from '../../support/client.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { eventually } from '../../support/eventually.ts';
import { createPeople, type Person } from '../../support/people.ts';
import { noRedis } from '../../support/redis-path.js';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const QUERIES = 6;
/** Of a query, for a Redis that hangs: 2 s until that is noticed, and what everything else takes on a busy machine. */
const LONGEST_WAIT_MS = 4_000;

describeUnless(noRedis, 'Rates counted in Redis are')('rates counted in Redis', () => {
  let redis: RedisServer;
  let one: TestServer;
  let other: TestServer;
  beforeAll(async () => {
    redis = await startRedis();
    const environment = { REDIS_URL: redis.url, RATE_LIMITS: 'on', RATE_LIMIT_QUERIES: `${QUERIES}` };
    one = await startTestServer({ environment });
    other = await startTestServer({ environment, database: one });
    await eventually(async () => (await connections()) === 2);
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  async function connections(): Promise<number> {
    const admin = new Redis(redis.url, { lazyConnect: true, retryStrategy: () => null });
    await admin.connect();
    const all = String(await admin.client('LIST'));
    admin.disconnect();
    return all.split('\n').filter((line) => line.includes('name=parley-store')).length;
  }

  /** @returns the codes of `count` queries, asked on both nodes in turn. */
  async function ask({ name }: Person, count: number): Promise<string[]> {
    const codes: string[] = [];
    for (let i = 0; i < count; i++) {
      const { url } = i % 2 === 0 ? one : other;
      const { errors } = await new TestClient(url, name).ask('{ unreadCount }');
      codes.push(errors?.[0]?.extensions.code ?? 'answered');
    }
    return codes;
  }

  const answered = (codes: readonly string[]) => codes.filter((code) => code === 'answered').length;

  test('hold over all nodes together', async () => {
    const [alice] = await createPeople(one, 'alice');
    const codes = await ask(alice, 2 * QUERIES);
    // One was asked when she was made.
    expect(answered(codes)).toBe(QUERIES - 1);
    expect(new Set(codes)).toEqual(new Set(['answered', 'RATE_LIMITED']));
  });

  test('hold on each node while Redis is away, and together when it is back; no query fails for it', async () => {
    const [bob, carol] = await createPeople(one, 'bob', 'carol');
    await redis.kill();
    const codes = await ask(bob, 4 * QUERIES);
    expect(answered(codes)).toBe(2 * QUERIES);
    expect(new Set(codes)).toEqual(new Set(['answered', 'RATE_LIMITED']));

    await redis.restart();
    await eventually(async () => (await connections()) === 2, { withinMs: 15_000 });
    expect(answered(await ask(carol, 2 * QUERIES))).toBe(QUERIES);
  });

  test('hold on each node while Redis hangs, and a query waits for it only so long', async () => {
    const [dave] = await createPeople(one, 'dave');
    redis.freeze();
    try {
      const codes: string[] = [];
      for (let i = 0; i < 2 * QUERIES; i++) {
        const asked = performance.now();
        codes.push(...(await ask(dave, 2)));
        expect(performance.now() - asked).toBeLessThan(2 * LONGEST_WAIT_MS);
      }
      expect(answered(codes)).toBeGreaterThanOrEqual(QUERIES);
      expect(answered(codes)).toBeLessThanOrEqual(2 * QUERIES);
    } finally {
      redis.resume();
    }
  }, 90_000);
});
