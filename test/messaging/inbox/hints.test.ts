import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postgresBus } from '../../../src/bus/postgres.ts';
import { redisBus } from '../../../src/bus/redis/bus.ts';
import type { UserId } from '../../../src/messaging/ids.ts';
import { Inbox } from '../../../src/messaging/inbox/inbox.ts';
import type { HintBus, InboxLog } from '../../../src/messaging/ports.ts';
import { poolExecutor } from '../../../src/storage/executor.ts';
import { inboxLog } from '../../../src/storage/inbox-log.ts';
import { BusByHand, seeded } from '../../support/bus-doubles.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { collect, followed, viewerOf, withoutSweep } from '../../support/inbox-doubles.ts';
import { noRedis } from '../../support/redis-path.js';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { createUsers } from '../../support/server.ts';
import { createTestPool } from '../../support/test-pool.ts';

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
let log: InboxLog;
let [alice, bob] = [0, 0];
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
  log = inboxLog(poolExecutor(pool));
  [alice = 0, bob = 0] = await createUsers(database.pool, 'alice', 'bob');
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

let redis: RedisServer | undefined;
const inRedis = noRedis === null ? test : test.skip;
if (noRedis === null) {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
  });
} else process.stderr.write(`Hints by Redis are not tested: ${noRedis}\n`);

const reports = { onLost: fail, onBack: () => {} };

function fail(error: unknown): never {
  throw error;
}

async function send(count = 1): Promise<void> {
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, 'text' FROM generate_series(1, $3::int)`,
    [alice, bob, count],
  );
}

const never = new AbortController().signal;
const sequence = ({ cursor }: { cursor: string }) =>
  Number(Buffer.from(cursor, 'base64url').toString().split('|')[3]);

test('a hint alone is enough: what was sent is there though the sweep sees nothing', async () => {
  const bus = new BusByHand();
  await using inbox = new Inbox(withoutSweep(log), bus, fail);
  const { taken, done } = collect(followed(inbox, viewerOf(bob), null, never), 2);
  await eventually(() => inbox.followerCount === 1);

  await send();
  bus.hint(bob);
  await eventually(() => taken.length === 1);
  await send();
  bus.hintEveryone();
  expect((await done).map(({ kind }) => kind)).toEqual(['sent', 'sent']);
});

/** What each bus needs to open one end. */
const BUSES: Record<string, () => HintBus> = {
  postgres: () =>
    postgresBus({
      directUrl: database.url,
      notify: (channel, payload) => database.pool.query('SELECT pg_notify($1, $2)', [channel, payload]),
      ...reports,
    }),
  redis: () => redisBus({ url: redis?.url ?? '', ...reports }),
};

for (const [kind, connect] of Object.entries(BUSES)) {
  const run = kind === 'redis' ? inRedis : test;
  run(
    `what one node publishes by ${kind} wakes who follows on another one, though the sweep sees nothing there`,
    async () => {
      await using here = connect();
      await using there = connect();
      await using inbox = new Inbox(withoutSweep(log), there, fail);
      const { taken, done } = collect(followed(inbox, viewerOf(bob), null, never), 2);
      await eventually(() => inbox.followerCount === 1);
      await send();
      await eventually(() => {
        here.publish([bob as UserId]);
        return taken.length === 1;
      });
      await send();
      here.publish([bob as UserId]);
      expect(await done).toHaveLength(2);
    },
  );
}

inRedis(
  'what is sent before the bus hears of its receiver is there without a hint and without a sweep',
  async () => {
    let reads = 0;
    const counting: InboxLog = {
      ...withoutSweep(log),
      async read(requests, limit) {
        const pages = await log.read(requests, limit);
        reads++;
        return pages;
      },
    };
    await using bus = redisBus({ url: redis?.url ?? '', ...reports });
    await using inbox = new Inbox(counting, bus, fail);
    const connected = new Promise<void>((resolve) => bus.subscribe(() => resolve()));
    bus.watch(alice as UserId);
    await connected;

    redis?.freeze();
    const { taken, done } = collect(followed(inbox, viewerOf(bob), null, never), 1);
    // One read for where the log ends, one for what has come since.
    await eventually(() => reads === 2);
    await send();
    expect([reads, taken.length]).toEqual([2, 0]);
    redis?.resume();
    expect(await done).toHaveLength(1);
  },
);

test('without a hint and without a sweep nobody asks the database', async () => {
  let reads = 0;
  const counting: InboxLog = {
    ...withoutSweep(log),
    async read(requests, limit) {
      reads++;
      return log.read(requests, limit);
    },
  };
  const bus = new BusByHand();
  await using inbox = new Inbox(counting, bus, fail);
  const { taken } = collect(followed(inbox, viewerOf(bob), null, never), 1);
  // One read for where the log ends, one for what has come since.
  await eventually(() => reads === 2);
  await send();
  bus.hint(alice, 0, -1, 4_000_000);
  expect([reads, taken.length]).toEqual([2, 0]);
  bus.hint(bob);
  await eventually(() => taken.length === 1);
});

test('a hint that comes while the log is being read is not lost', async () => {
  const bus = new BusByHand();
  let reads = 0;
  const log_: InboxLog = {
    ...withoutSweep(log),
    async read(requests, limit) {
      const pages = await log.read(requests, limit);
      // After the answer has been made, and before the subscription has it.
      if (++reads === 2) {
        await send();
        bus.hint(bob);
      }
      return pages;
    },
  };
  await using inbox = new Inbox(log_, bus, fail);
  const { done } = collect(followed(inbox, viewerOf(bob), null, never), 1);
  expect(await done).toHaveLength(1);
});

test('lost hints cost only the time until the next sweep', async () => {
  await using inbox = new Inbox(log, new BusByHand(), fail);
  const { taken, done } = collect(followed(inbox, viewerOf(bob), null, never), 250);
  await eventually(() => inbox.followerCount === 1);
  expect(taken).toEqual([]);
  await send(250);
  expect(await done).toHaveLength(250);
});

test('hints that are lost, doubled, late, out of order or for nobody change nothing of what is given', async () => {
  const bus = new BusByHand();
  await using inbox = new Inbox(log, bus, fail);
  const followers = Array.from({ length: 5 }, () =>
    collect(followed(inbox, viewerOf(bob), null, never), 300),
  );
  await eventually(() => inbox.followerCount === 5);
  const random = seeded(20_261_122);
  const late: NodeJS.Timeout[] = [];
  for (let sent = 0; sent < 300; sent++) {
    await send();
    if (random() < 0.3) continue;
    for (let times = random() < 0.3 ? 3 : 1; times > 0; times--)
      late.push(setTimeout(() => bus.hint(...(random() < 0.5 ? [bob, alice] : [bob, 999])), random() * 50));
    if (random() < 0.05) bus.hintEveryone();
  }
  for (const { done } of followers) {
    const sequences = (await done).map(sequence);
    expect(sequences).toEqual(sequences.map((_, i) => Number(sequences[0]) + i));
  }
  for (const timer of late) clearTimeout(timer);
});

test('the bus is asked for hints about those who are followed, from the first subscription of a user to the last', async () => {
  const bus = new BusByHand();
  await using inbox = new Inbox(withoutSweep(log), bus, fail);
  const leave = new AbortController();
  const [first, second] = [leave.signal, never].map((signal) =>
    collect(followed(inbox, viewerOf(bob), null, signal), 1),
  );
  await eventually(() => inbox.followerCount === 2);
  expect(bus.watched).toEqual(new Set([bob]));
  const other = collect(followed(inbox, viewerOf(alice), null, leave.signal));
  await eventually(() => bus.watched.has(alice as UserId));

  leave.abort();
  await Promise.all([first?.done, other.done]);
  expect(bus.watched).toEqual(new Set([bob]));
  await send();
  bus.hint(bob);
  await second?.done;
  expect(bus.watched).toEqual(new Set());
});
