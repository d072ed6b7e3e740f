import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { memoryBus } from '../../src/bus/memory.ts';
import { postgresBus } from '../../src/bus/postgres.ts';
import { redisBus } from '../../src/bus/redis/bus.ts';
import type { UserId } from '../../src/messaging/ids.ts';
import { Inbox } from '../../src/messaging/inbox/inbox.ts';
import type { InboxLog } from '../../src/messaging/ports.ts';
import { poolExecutor } from '../../src/storage/executor.ts';
import { inboxLog } from '../../src/storage/inbox-log.ts';
import { FaultyBus, type HintFaults, seeded } from '../support/bus-doubles.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { collect, followed, viewerOf } from '../support/inbox-doubles.ts';
import { noRedis } from '../support/redis-path.js';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { createUsers } from '../support/server.ts';
import { createTestPool } from '../support/test-pool.ts';

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 8);
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

let redis: RedisServer | undefined;
if (noRedis === null) {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]();
  });
} else process.stderr.write(`Bad hints of the Redis bus are not tested: ${noRedis}\n`);

const reports = { onLost: fail, onBack: () => {} };

/** The two ends of a bus, for two nodes. */
const BUSES = {
  memory: () => {
    const bus = memoryBus();
    return [bus, bus] as const;
  },
  postgres: () => [openPostgresBus(), openPostgresBus()] as const,
  redis: () => {
    const url = redis?.url ?? '';
    return [redisBus({ url, ...reports }), redisBus({ url, ...reports })] as const;
  },
};

function openPostgresBus() {
  return postgresBus({
    directUrl: database.url,
    notify: (channel, payload) => pool.query('SELECT pg_notify($1, $2)', [channel, payload]),
    ...reports,
  });
}

function fail(error: unknown): never {
  throw error;
}

/** The log, and how often it was swept. */
class CountingLog implements InboxLog {
  sweeps = 0;
  readonly #log = inboxLog(poolExecutor(pool));
  read: InboxLog['read'] = (requests, limit) => this.#log.read(requests, limit);
  moved: InboxLog['moved'] = (positions) => {
    this.sweeps++;
    return this.#log.moved(positions);
  };
}

const SENDERS = 4;
const MESSAGES_A_SENDER = 50;
const FAULTS: Record<string, HintFaults> = {
  'get lost': { lost: 0.5, doubled: 0, late: 0, spurious: 0 },
  'come twice': { lost: 0, doubled: 0.5, late: 0, spurious: 0 },
  'come late and out of order': { lost: 0, doubled: 0, late: 0.7, spurious: 0 },
  'are for nothing': { lost: 0, doubled: 0, late: 0, spurious: 0.7 },
  'do all of that': { lost: 0.3, doubled: 0.3, late: 0.5, spurious: 0.3 },
};
const ALL_LOST: HintFaults = { lost: 1, doubled: 0, late: 0, spurious: 0 };
const never = () => new AbortController().signal;

const kinds = Object.keys(BUSES) as (keyof typeof BUSES)[];
for (const kind of kinds) {
  const suite = kind === 'redis' && noRedis !== null ? describe.skip : describe;
  suite(`two nodes with the ${kind} bus, whose hints`, () => {
    let log: CountingLog;
    let buses: FaultyBus[];
    let inboxes: Inbox[];
    let users: UserId[];
    let round = 0;

    function start(faults: HintFaults) {
      buses = BUSES[kind]().map((bus, i) => new FaultyBus(bus, faults, seeded(20_261_122 + i)));
      inboxes = buses.map((bus) => new Inbox(log, bus, fail));
    }
    beforeEach(async () => {
      log = new CountingLog();
      const names = ['receiver', ...Array.from({ length: SENDERS }, (_, i) => `sender ${i}`)];
      const unique = names.map((name) => `${kind} ${round} ${name}`);
      users = (await createUsers(database.pool, ...unique)) as UserId[];
      round++;
    });
    afterEach(async () => {
      for (const inbox of inboxes) await inbox[Symbol.asyncDispose]();
      for (const bus of buses) await bus[Symbol.asyncDispose]();
    });

    async function send(sender: UserId, receiver: UserId, publisher: FaultyBus): Promise<number> {
      const { rows } = await database.pool.query(
        `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'text') RETURNING id`,
        [sender, receiver],
      );
      publisher.publish([sender, receiver]);
      return rows[0].id;
    }

    test.each(Object.entries(FAULTS))('%s, give everyone everything once and in order', async (_, faults) => {
      start(faults);
      const [receiver = 0 as UserId, ...senders] = users;
      const counts = new Map(users.map((user) => [user, MESSAGES_A_SENDER]));
      counts.set(receiver, SENDERS * MESSAGES_A_SENDER);
      const devices = [...counts].flatMap(([user, count]) =>
        [...inboxes, ...inboxes].map((inbox) => ({
          user,
          done: collect(followed(inbox, viewerOf(user), null, never()), count).done,
        })),
      );
      await eventually(() => inboxes.every(({ followerCount }) => followerCount === 2 * users.length));

      const sent = new Map<UserId, number[]>(users.map((user) => [user, []]));
      async function sendAll(sender: UserId) {
        for (let count = 0; count < MESSAGES_A_SENDER; count++) {
          const id = await send(sender, receiver, buses[count % 2] as FaultyBus);
          for (const user of [sender, receiver]) sent.get(user)?.push(id);
        }
      }
      await Promise.all(senders.map(sendAll));

      for (const { user, done } of devices) {
        const ids = (await done).map((event) =>
          Number('messageId' in event && event.messageId.split('/')[1]),
        );
        expect(ids).toEqual(await logged(user));
        expect(new Set(ids)).toEqual(new Set(sent.get(user)));
      }
      // The case means something.
      for (const [fault, likelihood] of Object.entries(faults))
        if (likelihood > 0)
          for (const { counts } of buses) expect(counts[fault as keyof HintFaults]).toBeGreaterThan(0);
    });

    test('all get lost, cost about the time until the next sweep', async () => {
      start(ALL_LOST);
      const [receiver = 0 as UserId, sender = 0 as UserId] = users;
      const { taken } = collect(followed(inboxes[0] as Inbox, viewerOf(receiver), null, never()));
      await eventually(() => inboxes[0]?.followerCount === 1);
      for (let count = 1; count <= 3; count++) {
        await send(sender, receiver, buses[1] as FaultyBus);
        const before = log.sweeps;
        await eventually(() => taken.length === count);
        // The next one finds it; a slow machine may have begun another before the event was read.
        expect(log.sweeps - before).toBeLessThanOrEqual(2);
      }
      expect(buses[0]?.counts.lost).toBeGreaterThanOrEqual(3);
    });

    /** The messages in a user's log, in its order. */
    async function logged(user: UserId): Promise<number[]> {
      const { rows } = await database.pool.query(
        'SELECT message_ids[1] AS id FROM inbox_events WHERE user_id = $1 ORDER BY seq',
        [user],
      );
      return rows.map(({ id }) => Number(id));
    }
  });
}
