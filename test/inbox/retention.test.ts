import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { forgetOld, startHousekeeping } from '../../src/storage/housekeeping.ts';
import { eventually } from '../support/eventually.ts';
import { SEND, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const DAYS = 30;

let server: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Makes all that has been logged so far this old. */
async function age(days: number): Promise<void> {
  for (const table of ['inbox_events', 'idempotency_keys'])
    await server.pool.query(`UPDATE ${table} SET created_at = created_at - make_interval(days => $1)`, [
      days,
    ]);
}

test('events are kept for as long as promised, and then forgotten: to resume from beyond asks for a resync', async () => {
  const beyond = await cursorOf(bob.client);
  await send(alice, bob, 'long ago');
  await age(2);
  const within = await cursorOf(bob.client);
  const ids = [(await send(alice, bob, 'lately')).id];
  await age(DAYS - 1);
  ids.push((await send(alice, bob, 'now')).id);

  expect(await forgetOld(server.pool, DAYS)).toBe(true);

  await using tooLate = await follow(bob.client, { after: beyond });
  await tooLate.end();
  expect(tooLate.events).toEqual([]);
  expect(tooLate.errors).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }]);
  await using inTime = await follow(bob.client, { after: within });
  expect(await inTime.reaches(2)).toMatchObject(ids.map((id) => ({ message: { id } })));
});

test('whoever has followed to the end goes on, though everything has been forgotten', async () => {
  const end = await cursorOf(bob.client);
  await using open = await follow(bob.client);
  await age(2 * DAYS);
  await forgetOld(server.pool, DAYS);
  expect((await server.pool.query('SELECT FROM inbox_events')).rowCount).toBe(0);

  await using resumed = await follow(bob.client, { after: end });
  const { id } = await send(alice, bob, 'next');
  for (const recording of [open, resumed])
    expect(await recording.reaches(1)).toMatchObject([{ message: { id } }]);
});

test('an idempotency key is remembered for as long, and then forgotten', async () => {
  const once = () =>
    alice.client.data(SEND, { input: { receiverId: bob.id, messageText: 'once', idempotencyKey: 'key' } });
  const first = await once();
  await age(DAYS - 1);
  await forgetOld(server.pool, DAYS);
  expect(await once()).toEqual(first);

  await age(2);
  await forgetOld(server.pool, DAYS);
  expect((await once()).sendMessage.message.id).not.toBe(first.sendMessage.message.id);
});

test('one node at a time forgets, and another one skips its turn', async () => {
  await age(2 * DAYS);
  const holder = await server.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM inbox_events FOR UPDATE');
    const first = forgetOld(server.pool, DAYS);
    await eventually(async () => {
      const { rows } = await server.pool.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
      return rows.length === 1;
    });
    expect(await forgetOld(server.pool, DAYS)).toBe(false);
    await holder.query('COMMIT');
    expect(await first).toBe(true);
  } finally {
    holder.release();
  }
});

test('a stopping server does not wait for a long deletion, which then has not happened', async () => {
  await send(alice, bob, 'old');
  await age(2 * DAYS);
  const { rowCount } = await server.pool.query('SELECT FROM inbox_events');
  const holder = await server.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM inbox_events FOR UPDATE');
    const errors: unknown[] = [];
    const housekeeping = startHousekeeping([(signal) => forgetOld(server.pool, DAYS, signal)], (error) =>
      errors.push(error),
    );
    await eventually(async () => {
      const { rows } = await server.pool.query('SELECT FROM pg_locks WHERE NOT granted');
      return rows.length > 0;
    });
    await housekeeping[Symbol.asyncDispose]();
    expect(errors).toEqual([]);
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  // The deletion's transaction ends when its server process notices.
  await eventually(async () => (await forgetOld(server.pool, 10 * DAYS)) === true);
  expect((await server.pool.query('SELECT FROM inbox_events')).rowCount).toBe(rowCount);
});
