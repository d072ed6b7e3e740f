import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresBus } from '../../src/bus/postgres.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { busContract, Ear, ids } from './contract.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

type Notify = (channel: string, payload: string) => Promise<unknown>;

const notifyDatabase: Notify = (channel, payload) =>
  database.pool.query('SELECT pg_notify($1, $2)', [channel, payload]);

/** An end that already listens. */
async function open(notify = notifyDatabase, errors: unknown[] = []): Promise<HintBus> {
  const bus = postgresBus({ directUrl: database.url, notify, onError: (error) => errors.push(error) });
  const ear = new Ear(bus);
  await eventually(() => ear.everyone === 1);
  return bus;
}

describe('what every bus does', () => {
  busContract({ open, acrossProcesses: true });
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

  bus.publish(ids(1, 500));
  for (let user = 1; user <= 1_000; user++) bus.publish(ids(user, 2));
  letGo();

  await eventually(() => payloads.length === 3);
  const users = payloads.map((payload) => payload.split(':')[1]?.split(',').map(Number));
  expect(users[0]).toEqual(ids(1, 500));
  // Each user once, in as few notifications as hold them.
  expect(users.slice(1).map((each) => each?.length)).toEqual([700, 301]);
  expect(users.slice(1).flat()).toEqual(ids(1, 1_001));
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
  await others.hears([1]);
  other.publish(ids(2, 1));
  await own.hears([2]);
  expect(own.hints).toBe(2);
});

test('while nothing can be notified publishing neither throws nor keeps what it could not send, and then it works again', async () => {
  const errors: unknown[] = [];
  let away = true;
  await using bus = await open(async (channel, payload) => {
    if (away) throw new Error('away');
    return notifyDatabase(channel, payload);
  }, errors);
  await using other = await open();
  const [here, there] = [new Ear(bus), new Ear(other)];

  for (let user = 1; user <= 3_000; user++) bus.publish(ids(user, 1));
  expect(here.users.size).toBe(3_000);
  await eventually(() => errors.length > 0);
  away = false;
  await eventually(() => {
    bus.publish(ids(9_999, 1));
    return there.users.has(ids(9_999, 1)[0] as never);
  });
});

test('after its connection has ended it listens again, and says that anything may have been missed', async () => {
  const errors: unknown[] = [];
  await using bus = await open(notifyDatabase, errors);
  await using other = await open();
  const ear = new Ear(bus);
  for (let round = 1; round <= 2; round++) {
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'parley-listen'`,
    );
    await eventually(() => ear.everyone === round);
    expect(errors.length).toBeGreaterThanOrEqual(round);
    await eventually(() => {
      other.publish(ids(round, 1));
      return ear.users.has(ids(round, 1)[0] as never);
    });
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
  await ear.hears([1]);
});

test('it can be closed while the database is out of reach', async () => {
  const errors: unknown[] = [];
  const bus = postgresBus({
    directUrl: 'postgres://nobody@127.0.0.1:1/nothing',
    notify: async () => {
      throw new Error('away');
    },
    onError: (error) => errors.push(error),
  });
  bus.publish(ids(1, 1));
  await eventually(() => errors.length >= 2);
  await bus[Symbol.asyncDispose]();
});

test('once closed it holds no connection', async () => {
  const bus = await open();
  await bus[Symbol.asyncDispose]();
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley-listen'`,
    );
    return rows.length === 0;
  });
});
