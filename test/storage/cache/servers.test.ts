import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { createLog } from '../../../src/lib/log.ts';
import { describeUnless } from '../../support/describe-unless.ts';
import { eventually } from '../../support/eventually.ts';
import { markRead, send } from '../../support/messages.ts';
import { metric } from '../../support/metric.ts';
import { createPeople, onNode, type Person } from '../../support/people.ts';
import { noRedis } from '../../support/redis-path.js';
import { type RedisServer, startRedis, unusedPort } from '../../support/redis-server.ts';
import { ReplicatedNodes } from '../../support/replicated-nodes.ts';
import { type TestServer, testEnvironment } from '../../support/server.ts';
import { follow } from '../../support/subscriber.ts';

// Slow, not late: a cluster, its standby, Redis and two servers.
jest.setTimeout(90_000);

const TIMES = 20;

const NEWEST = `query ($with: ID!) {
  conversation(with: $with) { messages(first: 1) { edges { node { messageText isRead sender { username } } } } }
}`;

describeUnless(noRedis, 'Cached reads are')('servers that cache, with a standby 10 s behind,', () => {
  let redis: RedisServer;
  let system: ReplicatedNodes;
  let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];
  beforeAll(async () => {
    redis = await startRedis();
    system = await ReplicatedNodes.start({ READ_STRATEGY: 'cached', REDIS_URL: redis.url });
    [alice, bob, carol, dave] = await createPeople(system.nodes[0], 'alice', 'bob', 'carol', 'dave');
    await send(carol, dave, 'long ago');
    await system.replica.caughtUp();
    await system.isUsed(true);
    await system.replica.delay('10s');
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  const newest = async (viewer: Person, peer: Person, node: TestServer) => {
    const { conversation } = await onNode(viewer, node).client.data(NEWEST, { with: peer.id });
    return conversation.messages.edges[0].node;
  };
  const results = async (result: 'hit' | 'miss') => {
    const counts = system.nodes.map(({ url }) => metric(url, `parley_cache_reads_total{result="${result}"}`));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count);
  };

  test('show at once what was sent and read, on every node', async () => {
    const [here, there] = system.nodes;
    for (let i = 1; i <= TIMES; i++) {
      await send(onNode(alice, here), bob, `text ${i}`);
      for (const node of [there, here])
        for (const [viewer, peer] of [
          [alice, bob],
          [bob, alice],
        ] as const)
          expect(await newest(viewer, peer, node)).toMatchObject({ messageText: `text ${i}`, isRead: false });
      await markRead(onNode(bob, there), alice);
      expect(await newest(alice, bob, here)).toMatchObject({ messageText: `text ${i}`, isRead: true });
    }
    expect(await results('hit')).toBeGreaterThan(0);
  });

  test('show every message that an event has told of', async () => {
    const [here, there] = system.nodes;
    await using events = await follow(onNode(bob, there).client);
    for (let i = 1; i <= TIMES; i++) {
      await send(onNode(alice, here), bob, `event ${i}`);
      await events.reaches(i);
      for (const node of system.nodes)
        expect(await newest(bob, alice, node)).toMatchObject({ messageText: `event ${i}` });
    }
  });

  test('show at once what another program has changed, and a name that is new', async () => {
    const [here] = system.nodes;
    await send(alice, bob, 'first');
    await newest(bob, alice, here);
    await system.primary.pool.query(
      "UPDATE messages SET message_text = 'second' WHERE message_text = 'first'",
    );
    expect(await newest(bob, alice, here)).toMatchObject({ messageText: 'second' });
    await system.primary.pool.query("UPDATE users SET username = 'Alice' WHERE id = $1", [alice.row]);
    expect(await newest(bob, alice, here)).toMatchObject({ sender: { username: 'Alice' } });
  });

  test('answer what nothing has happened to from the cache, filled from the standby, too', async () => {
    const [here] = system.nodes;
    const fromStandby = await system.readsFrom('replica');
    await newest(carol, dave, here);
    expect(await system.readsFrom('replica')).toBe(fromStandby + 1);
    await eventually(async () => {
      const before = await results('hit');
      expect(await newest(dave, carol, here)).toMatchObject({ messageText: 'long ago' });
      return (await results('hit')) === before + 1;
    });
  });

  test('do not start without their Redis, and say so', async () => {
    const port = await unusedPort();
    const starting = (url: string) =>
      startApp(
        loadConfig(testEnvironment(system.primary.url, { READ_STRATEGY: 'cached', REDIS_URL: url })),
        createLog('silent'),
      );
    await expect(starting(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      `READ_STRATEGY=cached needs the Redis of REDIS_URL, which cannot be used: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    await using locked = await startRedis({ settings: { requirepass: 'secret' } });
    await expect(starting(locked.url)).rejects.toThrow(
      /^READ_STRATEGY=cached needs the Redis of REDIS_URL, which cannot be used: NOAUTH/,
    );
    redis.freeze();
    try {
      await expect(starting(redis.url)).rejects.toThrow('cannot be used: Socket timeout');
    } finally {
      redis.resume();
    }
  });
});
