import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import WebSocket from 'ws';
import { TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { load } from '../support/mailbox.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { createPeople, type Person } from '../support/people.ts';
import { createUsers, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { cursorOf, follow, type Transport } from '../support/subscriber.ts';

let server: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  server = await startTestServer({ environment: { EVENT_BUS: 'postgres' } });
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Ends the server's connections that match. @returns how many. */
async function terminate(where = 'true'): Promise<number> {
  const { rows } = await server.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'parley%' AND ${where}`,
  );
  return rows.length;
}

const listeners = async () =>
  (
    await server.pool.query(`SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'parley-listen'`)
  ).rows;

describe.each<Transport>(['sockets', 'Server-Sent Events'])('over %s', (over) => {
  test('a subscription outlasts the end of every connection to the database, again and again', async () => {
    await using recording = await follow(bob.client, { over });
    const ids = [(await send(alice, bob, 'has it begun?')).id];
    await recording.reaches(1);
    for (let round = 0; round < 3; round++) {
      expect(await terminate()).toBeGreaterThan(0);
      const { id } = await eventually(() => send(alice, bob, `round ${round}`));
      ids.push(id);
      await recording.reaches(ids.length, 10_000);
    }
    expect(recording.events).toMatchObject(ids.map((id) => ({ message: { id } })));
    expect(recording.errors).toEqual([]);
  });
});

/** Commits a message in such a way that subscribers learn of it, but cannot load it until this ends. */
async function withMessagesLocked(text: string, act: (holder: PoolClient) => Promise<void>): Promise<void> {
  const [writer, holder] = [await server.pool.connect(), await server.pool.connect()];
  try {
    await writer.query('BEGIN');
    await writer.query('INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)', [
      alice.row,
      bob.row,
      text,
    ]);
    await holder.query('BEGIN');
    const locked = holder.query('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE');
    await eventually(async () => {
      const { rows } = await server.pool.query(
        `SELECT FROM pg_locks WHERE relation = 'messages'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
      );
      return rows.length === 1;
    });
    await writer.query('COMMIT');
    await locked;
    await act(holder);
    await holder.query('COMMIT');
  } finally {
    writer.release();
    holder.release();
  }
}

const LOADING = `wait_event_type = 'Lock' AND query LIKE '%AS wanted (viewer, id, created_at, position)%'`;

test('an event that is about to be answered when the connection ends is answered whole, once', async () => {
  await using recording = await follow(bob.client);

  await withMessagesLocked('whole', async () => {
    for (let cut = 0; cut < 4; cut++) await eventually(async () => (await terminate(LOADING)) === 1);
    expect(recording.events).toEqual([]);
  });

  await recording.reaches(1);
  await send(alice, bob, 'next');
  expect(await recording.reaches(2)).toMatchObject([
    { message: { messageText: 'whole' } },
    { message: { messageText: 'next' } },
  ]);
  expect(recording.errors).toEqual([]);
});

test('an event that cannot be answered ends the subscription, and is still there for who resumes', async () => {
  const before = await cursorOf(bob.client);
  await using recording = await follow(bob.client, { after: before });
  await withMessagesLocked('whole', async (holder) => {
    await holder.query('ALTER TABLE messages RENAME COLUMN is_read TO was_read');
  });

  await recording.end();
  expect(recording.events).toEqual([]);
  expect(recording.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);

  await server.pool.query('ALTER TABLE messages RENAME COLUMN was_read TO is_read');
  await using resumed = await follow(bob.client, { after: before });
  expect(await resumed.reaches(1)).toMatchObject([{ message: { messageText: 'whole' } }]);
});

const subscriptions = () => metric(server.url, 'parley_subscriptions');

test('whoever leaves while an event is tried again is not waited for', async () => {
  const recording = await follow(bob.client);
  await withMessagesLocked('nobody waits', async () => {
    await eventually(async () => (await terminate(LOADING)) === 1);
    expect(await subscriptions()).toBeGreaterThan(0);
    await recording[Symbol.asyncDispose]();
  });
  await eventually(async () => (await subscriptions()) === 0);
});

test('the end of the listening connection fails no send, and it listens again', async () => {
  await using recording = await follow(bob.client);
  for (let round = 1; round <= 2; round++) {
    const [before] = await eventually(async () => {
      const found = await listeners();
      if (found.length !== 1) throw new Error(`${found.length} listen`);
      return found;
    });
    expect(await terminate(`application_name = 'parley-listen'`)).toBe(1);
    for (let i = 0; i < 3; i++) await send(alice, bob, `${i}`);
    await recording.reaches(3 * round);
    await eventually(async () => {
      const found = await listeners();
      return found.length === 1 && found[0].pid !== before.pid;
    });
  }
  expect(recording.errors).toEqual([]);
});

test('connections that end in the midst of snapshots fail only what they were asked', async () => {
  let going = true;
  const cutting = (async () => {
    while (going) await terminate(`application_name = 'parley'`);
  })();
  const answers = await Promise.allSettled(Array.from({ length: 60 }, () => load(bob.client)));
  going = false;
  await cutting;
  // The case means something: some were hit.
  expect(answers.some(({ status }) => status === 'rejected')).toBe(true);
  await eventually(() => load(bob.client));
});

test('a socket that is opened while the database is away is closed with a code that clients try again after', async () => {
  const [carol] = await createUsers(server.pool, 'carol');
  const holder = await server.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const socket = new WebSocket(server.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const authorization = `Bearer ${await tokenOf('carol')}`;
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    const closed = once(socket, 'close');
    await eventually(async () => (await terminate(`wait_event_type = 'Lock'`)) > 0);
    // RFC 6455 leaves it to IANA's registry: try again later. 4500 would be final to clients of graphql-ws.
    expect((await closed)[0]).toBe(1013);
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  expect(carol).toBeGreaterThan(0);
  expect(await new TestClient(server.url, 'carol').data('{ viewer { username } }')).toEqual({
    viewer: { username: 'carol' },
  });
});
