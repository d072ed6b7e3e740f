import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresBus } from '../../src/bus/postgres.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { unusedPort } from '../support/redis-server.ts';
import { busContract, Ear, ids } from './contract.ts';

let database: TestDatabase;
/** An end that is always there: those who are alone notify nobody. */
let company: HintBus;
beforeAll(async () => {
  database = await createTestDatabase();
  company = await open();
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

type Notify = (channel: string, payload: string) => Promise<unknown>;

const notifyDatabase: Notify = (channel, payload) =>
  database.pool.query('SELECT pg_notify($1, $2)', [channel, payload]);

/** An end that already listens. */
async function open(notify = notifyDatabase, reports: string[] = [], on = database): Promise<HintBus> {
  const bus = postgresBus({
    directUrl: on.url,
    notify,
    onLost: () => reports.push('lost'),
    onBack: () => reports.push('back'),
  });
  const ear = new Ear(bus);
  await eventually(() => ear.everyone === 1);
  return bus;
}

async function endListeners(): Promise<void> {
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'parley-listen'`,
  );
}

describe('what every bus does', () => {
  busContract({ open: () => open(), between: { cut: endListeners }, selective: false });
});

test('many users share a notification, and what was published meanwhile goes with the next', async () => {
  const payloads: string[] = [];
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await using bus = await open(async (_, payload) => {
    payloads.push(payload);
    await held;
  });

  for (const user of ids(1, 500)) bus.publish([user]);
  await eventually(() => payloads.length === 1);
  for (let user = 1; user <= 1_000; user++) bus.publish(ids(user, 2));
  letGo();

  await eventually(() => payloads.length === 3);
  const users = payloads.map((payload) => payload.split(':')[1]?.split(',').map(Number));
  expect(users[0]).toEqual(ids(1, 500));
  // Each user once, in as few notifications as hold them.
  expect(users.slice(1).map((each) => each?.length)).toEqual([700, 301]);
  expect(users.slice(1).flat()).toEqual(ids(1, 1_001));
});

test('who is alone notifies nobody, until another one listens, and again when that one has gone', async () => {
  await using lonely = await createTestDatabase();
  const payloads: string[] = [];
  const notify: Notify = async (channel, payload) => {
    payloads.push(payload);
    await lonely.pool.query('SELECT pg_notify($1, $2)', [channel, payload]);
  };
  const publishes = async () => {
    const before = payloads.length;
    bus.publish(ids(1, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return payloads.length > before;
  };
  await using bus = await open(notify, [], lonely);
  await eventually(async () => !(await publishes()));
  // It has been told that nobody is there, and need not ask before it tells somebody who comes.
  const other = await open(notify, [], lonely);
  const ear = new Ear(other);
  await ear.comesToHear(ids(7, 1), bus);
  expect(await publishes()).toBe(true);
  await other[Symbol.asyncDispose]();
  await eventually(async () => !(await publishes()), { withinMs: 25_000 });
}, 40_000);

test('whoever comes is known by what they listen with, whatever their address calls them', async () => {
  await using lonely = await createTestDatabase();
  let notified = 0;
  const notify: Notify = async () => notified++;
  const named = { ...lonely, url: `${lonely.url}?application_name=mine` };
  await using _ = await open(notify, [], named);
  await using bus = await open(notify, [], named);
  // Both have looked for others by now, and found each other.
  await new Promise((resolve) => setTimeout(resolve, 500));
  bus.publish(ids(1, 1));
  await eventually(() => notified === 1);
});

test('a notification is never longer than PostgreSQL takes', async () => {
  const payloads: string[] = [];
  await using bus = await open(async (_, payload) => payloads.push(payload));
  bus.publish(ids(2_147_483_647 - 1_999, 2_000));
  await eventually(() => payloads.length === 3);
  expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThan(8_000);
});

test('one does not hear of its own hints a second time', async () => {
  await using bus = await open();
  await using other = await open();
  const [own, others] = [new Ear(bus), new Ear(other)];
  bus.publish(ids(1, 1));
  await others.hears(ids(1, 1));
  other.publish(ids(2, 1));
  await own.hears(ids(2, 1));
  expect(own.hints).toBe(2);
});

test('while nothing can be notified publishing neither throws nor keeps what it could not send, and then it works again', async () => {
  const reports: string[] = [];
  let away = true;
  let tries = 0;
  await using bus = await open(async (channel, payload) => {
    tries++;
    if (away) throw new Error('away');
    return notifyDatabase(channel, payload);
  }, reports);
  await using other = await open();
  const [here, there] = [new Ear(bus), new Ear(other)];

  for (let user = 1; user <= 3_000; user++) bus.publish(ids(user, 1));
  expect(here.users.size).toBe(3_000);
  await eventually(() => tries === 5);
  away = false;
  await there.comesToHear(ids(9_999, 1), bus);
  expect(there.users.size).toBe(1);
  expect(reports).toEqual(['lost', 'back']);
});

test('what waits while a notification takes long has a bound', async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let users = 0;
  await using bus = await open(async (_, payload) => {
    users += payload.split(',').length;
    await held;
  });
  bus.publish(ids(1, 1));
  await eventually(() => users === 1);
  for (let from = 1; from <= 100_000; from += 100) bus.publish(ids(from, 100));
  letGo();
  bus.publish(ids(1, 1));
  await bus[Symbol.asyncDispose]();
  expect(users).toBe(1 + 20_000);
});

test('after its connection has ended it listens again, and says once that it was lost and once that it is back', async () => {
  const reports: string[] = [];
  await using bus = await open(notifyDatabase, reports);
  const ear = new Ear(bus);
  for (let round = 1; round <= 2; round++) {
    await endListeners();
    await eventually(() => ear.everyone === round);
    expect(reports).toEqual(Array(round).fill(['lost', 'back']).flat());
  }
});

test('what other programs notify on its channel does no harm', async () => {
  await using bus = await open();
  await using other = await open();
  const ear = new Ear(bus);
  for (const payload of [
    '',
    ':',
    'nonsense',
    'node:one,two',
    ':::',
    `${'x'.repeat(7_000)}`,
    'n:1e999,-1,0.5',
  ])
    await notifyDatabase('parley_inbox', payload);
  other.publish(ids(1, 1));
  await ear.hears(ids(1, 1));
});

test('while the database is out of reach it says so once, and can be closed', async () => {
  const reports: string[] = [];
  const address = await unusedPort();
  let tries = 0;
  const server = createServer((socket) => {
    tries++;
    socket.destroy();
  }).listen(address, '127.0.0.1');
  await using bus = postgresBus({
    directUrl: `postgres://nobody@127.0.0.1:${address}/nothing`,
    notify: async () => {
      throw new Error('away');
    },
    onLost: () => reports.push('lost'),
    onBack: () => reports.push('back'),
  });
  bus.publish(ids(1, 1));
  await eventually(() => tries >= 3);
  await bus[Symbol.asyncDispose]();
  server.close();
  expect(reports).toEqual(['lost']);
});

/** As when a network drops what is sent, without a word to either side. */
async function withListenersFrozen(act: () => Promise<void>): Promise<void> {
  const { rows } = await database.pool.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley-listen'`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  try {
    await act();
  } finally {
    for (const { pid } of rows) process.kill(pid, 'SIGCONT');
  }
}

test('it notices a connection over which nothing comes any more, and replaces it', async () => {
  const reports: string[] = [];
  await using bus = await open(notifyDatabase, reports);
  const ear = new Ear(bus);
  await withListenersFrozen(() =>
    eventually(() => expect(reports).toEqual(['lost', 'back']), { withinMs: 25_000 }),
  );
  expect(ear.everyone).toBe(1);
});

test('it can be closed though the database has stopped answering', async () => {
  await using bus = await open();
  await withListenersFrozen(async () => bus[Symbol.asyncDispose]());
});

test('once closed it holds no connection', async () => {
  await using own = await createTestDatabase();
  await using bus = await open(notifyDatabase, [], own);
  await bus[Symbol.asyncDispose]();
  await eventually(async () => {
    const { rows } = await own.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley-listen'`,
    );
    return rows.length === 0;
  });
});
