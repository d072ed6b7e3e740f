import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, type Person } from '../support/people.ts';
import { noRedis } from '../support/redis-path.js';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { follow, type Recording } from '../support/subscriber.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** What the log says of the bus. */
const reportsOf = ({ log }: NodeProcess) =>
  log
    .filter((line) => line.includes('hints between nodes'))
    .map((line) => (line.includes('lost') ? 'lost' : 'back'));

/** Two nodes; bob follows on both, and alice sends on the first. */
async function startNodes(environment: Readonly<Record<string, string>>) {
  const nodes = await Promise.all([1, 2].map(() => startNodeProcess(database.url, environment)));
  const [here, there] = nodes as [NodeProcess, NodeProcess];
  const [alice, bob] = await createPeople({ url: here.url, pool: database.pool }, 'alice', 'bob');
  const recordings = await Promise.all(nodes.map(({ url }) => follow(new TestClient(url, bob.name))));
  return new Nodes(here, there, alice, bob, recordings);
}

const ROUNDS = 10;
/** A sweep starts no sooner after the last one. */
const SWEEP_INTERVAL_MS = 1_000;

class Nodes implements AsyncDisposable {
  readonly texts: string[] = [];

  constructor(
    readonly here: NodeProcess,
    readonly there: NodeProcess,
    private readonly alice: Person,
    private readonly bob: Person,
    private readonly recordings: readonly Recording[],
  ) {}

  get all(): readonly NodeProcess[] {
    return [this.here, this.there];
  }

  /** @throws unless it is answered. */
  async send(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const text = `message ${this.texts.length}`;
      await send(this.alice, this.bob, text);
      this.texts.push(text);
    }
  }

  /** Everybody has everything, once and in order. */
  async arrived(): Promise<void> {
    for (const recording of this.recordings) {
      const events = await recording.reaches(this.texts.length, 15_000);
      expect(events.map((event) => 'message' in event && event.message?.messageText)).toEqual(this.texts);
      expect(recording.errors).toEqual([]);
    }
  }

  /**
   * Shows that hints get through: messages, each of which is sent when the one before has arrived, need fewer sweeps
   * than there are messages.
   */
  async hintsFlow(): Promise<void> {
    await eventually(
      async () => {
        const begun = performance.now();
        for (let round = 0; round < ROUNDS; round++) {
          await this.send(1);
          await this.arrived();
        }
        return performance.now() - begun < (ROUNDS / 2) * SWEEP_INTERVAL_MS;
      },
      { withinMs: 60_000 },
    );
  }

  async report(reports: readonly string[]): Promise<void> {
    for (const node of this.all)
      await eventually(() => expect(reportsOf(node)).toEqual(reports), { withinMs: 15_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const recording of this.recordings) await recording[Symbol.asyncDispose]();
    for (const node of this.all) await node[Symbol.asyncDispose]();
  }
}

describeUnless(noRedis, 'Outages of Redis are')('a loss of Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
  });
  const environment = () => ({ EVENT_BUS: 'redis', REDIS_URL: redis.url });

  const LOSSES = {
    'that is killed': { begin: () => redis.kill(), end: () => redis.restart() },
    'that stops answering': { begin: async () => redis.freeze(), end: async () => redis.resume() },
  };

  test.each(Object.entries(LOSSES))(
    '%s fails no send, is told of once, and heals by itself, again and again',
    async (_, { begin, end }) => {
      await using nodes = await startNodes(environment());
      await nodes.hintsFlow();
      const reports: string[] = [];
      for (let outage = 0; outage < 2; outage++) {
        await begin();
        try {
          const begun = performance.now();
          await nodes.send(10);
          // Had each waited for Redis, for as long as that is given to answer, it would have been 20 s.
          expect(performance.now() - begun).toBeLessThan(10_000);
          await nodes.arrived();
          reports.push('lost');
          await nodes.report(reports);
          await nodes.send(10);
          await nodes.arrived();
        } finally {
          await end();
        }
        reports.push('back');
        await nodes.report(reports);
        await nodes.hintsFlow();
      }
      expect(nodes.all.map(reportsOf)).toEqual([reports, reports]);
    },
    120_000,
  );

  test.each(Object.entries(LOSSES))(
    '%s does not keep a node from stopping',
    async (_, { begin, end }) => {
      await using nodes = await startNodes(environment());
      await nodes.hintsFlow();
      await begin();
      try {
        await nodes.send(3);
        nodes.there.kill('SIGTERM');
        expect(await nodes.there.exited).toEqual({ code: 0, signal: null });
      } finally {
        await end();
      }
    },
    60_000,
  );

  test('before the start does not keep a node from starting, and hints flow as soon as Redis is there', async () => {
    await using absent = await startRedis();
    await absent.kill();
    await using nodes = await startNodes({ EVENT_BUS: 'redis', REDIS_URL: absent.url });
    await nodes.send(3);
    await nodes.arrived();
    await nodes.report(['lost']);
    await absent.restart();
    await nodes.report(['lost', 'back']);
    await nodes.hintsFlow();
  }, 60_000);

  test('shows no password in the log', async () => {
    await using guarded = await startRedis({ settings: { requirepass: 'right' } });
    const url = guarded.url.replace('//', '//parley:not-for-the-log@');
    await using nodes = await startNodes({ EVENT_BUS: 'redis', REDIS_URL: url, LOG_LEVEL: 'trace' });
    await nodes.report(['lost']);
    await nodes.send(1);
    await nodes.arrived();
    const log = nodes.all.flatMap((node) => node.log).join('\n');
    expect(log).toContain('WRONGPASS');
    expect(log).not.toContain('not-for-the-log');
  }, 60_000);
});

test('the end of the listening connections fails no send, is told of once, and heals by itself, again and again', async () => {
  await using nodes = await startNodes({ EVENT_BUS: 'postgres' });
  await nodes.hintsFlow();
  const reports: string[] = [];
  for (let outage = 0; outage < 2; outage++) {
    const { rows } = await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'parley-listen'`,
    );
    expect(rows).toHaveLength(2);
    await nodes.send(10);
    await nodes.arrived();
    reports.push('lost', 'back');
    await nodes.report(reports);
    await nodes.hintsFlow();
  }
  expect(nodes.all.map(reportsOf)).toEqual([reports, reports]);
}, 60_000);
