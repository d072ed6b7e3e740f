import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { UserId } from '../../../src/messaging/ids.ts';
import type { PageRequest } from '../../../src/messaging/page.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { eventually } from '../../support/eventually.ts';
import { statement, USERS } from '../../support/random-statements.ts';
import { noRedis } from '../../support/redis-path.js';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { castUsers, send } from '../inbox/cast.ts';
import { type CachingNode, startNode } from './node.ts';

const [ANN, BOB, CLEO] = [1, 2, 3] as [UserId, UserId, UserId];
const READERS = 1_000;

const newest = (limit: number): PageRequest => ({ direction: 'forward', limit, after: null, before: null });

describeUnless(noRedis, 'The cache is')('the cache', () => {
  let database: TestDatabase;
  let server: RedisServer;
  let redis: Redis;
  let nodes: readonly [CachingNode, CachingNode];
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startRedis();
    redis = new Redis(server.url);
    nodes = [await startNode(database.url, server.url), await startNode(database.url, server.url)];
  });
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
    redis.disconnect();
    await server[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await redis.flushall();
    await castUsers(database.pool, USERS);
  });

  const keys = () => redis.keys('parley:recent:*[0-9]');
  const kept = () => eventually(async () => (await keys()).length > 0);
  const texts = async ({ cached }: CachingNode, viewer: UserId, peer: UserId) =>
    (await cached.messagePage(viewer, peer, newest(50))).items.map(({ messageText }) => messageText);

  test('shows at every moment what the database shows, whatever other programs write', async () => {
    const everyone = Array.from({ length: USERS }, (_, i) => (i + 1) as UserId);
    const pairs = everyone.flatMap((viewer) => everyone.map((peer) => [viewer, peer] as const));
    const renaming = fc
      .integer({ min: 1, max: USERS })
      .map((id) => `UPDATE users SET username = username || 'x' WHERE id = ${id}`);
    const leaving = fc.integer({ min: 1, max: USERS }).map((id) => `DELETE FROM users WHERE id = ${id}`);
    const change = fc.oneof(
      { weight: 12, arbitrary: statement },
      { weight: 2, arbitrary: renaming },
      { weight: 1, arbitrary: fc.oneof(leaving, fc.constant('TRUNCATE messages')) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        async (changes, limit) => {
          await castUsers(database.pool, USERS);
          for (const [i, sql] of changes.entries()) {
            // Sent to nobody who has left.
            await database.pool.query(sql).catch((error) => expect(error.code).toBe('23503'));
            const { cached, plain } = nodes[i % 2] as CachingNode;
            const read = ({ messagePage }: typeof cached) =>
              Promise.all(pairs.map(([viewer, peer]) => messagePage(viewer, peer, newest(limit))));
            expect(await read(cached)).toEqual(await read(plain));
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(nodes[0].reads.hit).toBeGreaterThan(0);
  }, 60_000);

  test('is shared by the nodes and by both people', async () => {
    await send(database.pool, [ANN, BOB]);
    await texts(nodes[0], ANN, BOB);
    await kept();
    const before = nodes[1].reads.hit;
    expect(await texts(nodes[1], BOB, ANN)).toEqual(['message 1']);
    expect(nodes[1].reads.hit).toBe(before + 1);
  });

  test('stays good for a conversation while one of its people hears from others', async () => {
    await send(database.pool, [ANN, BOB]);
    await texts(nodes[0], ANN, BOB);
    await kept();
    await send(database.pool, [CLEO, ANN]);
    const before = nodes[0].reads.hit;
    await texts(nodes[0], ANN, BOB);
    expect(nodes[0].reads.hit).toBe(before + 1);
  });

  test('keeps an entry for one hour at most', async () => {
    await send(database.pool, [ANN, BOB]);
    await texts(nodes[0], ANN, BOB);
    await kept();
    const [key = ''] = await keys();
    expect(await redis.ttl(key)).toBeGreaterThan(0);
    expect(await redis.ttl(key)).toBeLessThanOrEqual(3_600);
  });

  test('lets one of a thousand readers on two nodes load what is not there', async () => {
    await send(database.pool, [ANN, BOB]);
    const before = nodes.map(({ loads }) => loads());
    const all = Array.from({ length: READERS }, (_, i) =>
      i % 4 < 2 ? texts(nodes[i % 2] as CachingNode, ANN, BOB) : texts(nodes[i % 2] as CachingNode, BOB, ANN),
    );
    expect(new Set((await Promise.all(all)).map(String))).toEqual(new Set(['message 1']));
    const after = nodes.map(({ loads }) => loads());
    expect(after.map((count, i) => count - (before[i] ?? 0)).reduce((sum, count) => sum + count)).toBe(1);
  });

  test('asks the database itself for what it does not keep', async () => {
    await send(database.pool, [ANN, BOB], [BOB, ANN]);
    const [first] = (await nodes[0].cached.messagePage(ANN, BOB, newest(1))).items;
    const older = { ...newest(1), after: { createdAt: first?.createdAt, number: '2' } } as PageRequest;
    const oldest: PageRequest = { ...newest(1), direction: 'backward' };
    for (const page of [older, oldest, newest(51)])
      expect(await nodes[0].cached.messagePage(ANN, BOB, page)).toEqual(
        await nodes[0].plain.messagePage(ANN, BOB, page),
      );
  });

  test('does not show what somebody else has put there', async () => {
    await send(database.pool, [ANN, BOB]);
    await texts(nodes[0], ANN, BOB);
    await kept();
    const [key = ''] = await keys();
    for (const text of ['', '{}', '[]', 'null', '[["1","1"],false]', '[["1","1"],false,[null]]']) {
      await redis.set(key, text);
      expect(await texts(nodes[0], ANN, BOB)).toEqual(['message 1']);
    }
  });

  test('has done its part when the lease of a node that died is over', async () => {
    await send(database.pool, [ANN, BOB]);
    await texts(nodes[0], ANN, BOB);
    await kept();
    const [key = ''] = await keys();
    await redis.del(key);
    await redis.set(`${key}:lease`, '1', 'PX', 1_000);
    expect(await texts(nodes[0], ANN, BOB)).toEqual(['message 1']);
  });

  test('is done without while Redis is frozen, gone or full, and used again after', async () => {
    await using node = await startNode(database.url, server.url, 250);
    await send(database.pool, [ANN, BOB]);
    const reads = () => texts(node, ANN, BOB);
    server.freeze();
    expect(await reads()).toEqual(['message 1']);
    server.resume();
    await server.kill();
    expect(await reads()).toEqual(['message 1']);
    expect(node.failures).not.toEqual([]);
    await server.restart();
    await eventually(async () => {
      await reads();
      return node.reads.hit > 0;
    });
    await redis.config('SET', 'maxmemory', '1');
    await send(database.pool, [BOB, ANN]);
    expect(await reads()).toHaveLength(2);
    await redis.config('SET', 'maxmemory', '0');
  });
});
