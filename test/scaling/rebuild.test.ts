import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { listProblems } from '../support/inbox-invariants.ts';
import { send } from '../support/messages.ts';
import { endAll, run } from '../support/operator.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const USERS = 40;
const WRITERS = 6;

let folder: string;
let server: TestServer;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  folder = await freshDirectory();
});
beforeEach(async () => {
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterEach(async () => {
  await endAll();
  await server[Symbol.asyncDispose]();
});
afterAll(sweep);

async function rebuild(): Promise<string> {
  const { code, stdout } = await run('scale', {
    folder,
    args: ['rebuild'],
    environment: { DATABASE_URL: server.databaseUrl },
  });
  expect(code).toBe(0);
  return stdout;
}

/** As a restore does, or a replication role. */
const pastTriggers = (sql: string) =>
  server.pool.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);

const LIST =
  '{ unreadCount conversations(first: 9) { edges { node { unreadCount lastMessage { messageText } } } } }';

test('what was written past the triggers is in lists and counts after it, and subscriptions resync', async () => {
  await send(alice, bob, 'seen by triggers');
  const after = await cursorOf(bob.client);
  await using following = await follow(bob.client, { after });
  await pastTriggers(
    `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES (${alice.row}, ${bob.row}, 'restored')`,
  );
  expect((await bob.client.data(LIST)).unreadCount).toBe(1);
  expect(await rebuild()).toBe(
    'The lists of 2 users are right now: 2 entries were not. Subscriptions resync.\n',
  );
  expect(await bob.client.data(LIST)).toEqual({
    unreadCount: 2,
    conversations: { edges: [{ node: { unreadCount: 2, lastMessage: { messageText: 'restored' } } }] },
  });
  await following.end();
  expect(following.errors).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }]);
  await using anew = await follow(bob.client, { after: await cursorOf(bob.client) });
  await send(alice, bob, 'next');
  expect(await anew.reaches(1)).toMatchObject([{ message: { messageText: 'next' } }]);
});

test('entries without messages and those of users who are gone go, and what was right stays', async () => {
  await send(alice, bob, 'kept');
  expect(await rebuild()).toBe('The lists of 2 users were right. Subscriptions resync.\n');
  const [carol, dave] = await createPeople(server, 'carol', 'dave');
  await send(carol, dave, 'lost');
  await pastTriggers(
    `DELETE FROM messages WHERE message_text = 'lost'; DELETE FROM users WHERE id = ${dave.row}`,
  );
  expect(await rebuild()).toBe(
    'The lists of 3 users are right now: 2 entries were not. Subscriptions resync.\n',
  );
  expect(await listProblems(server.pool)).toEqual([]);
});

test('counts nothing twice, and misses nothing, of what is written meanwhile', async () => {
  await server.pool.query(
    `INSERT INTO users (external_id, username) SELECT 'm' || n, 'm' || n FROM generate_series(1, $1::int) n`,
    [USERS],
  );
  let going = true;
  const writing = Array.from({ length: WRITERS }, () => keepWriting(server.pool, () => going));
  try {
    for (let times = 0; times < 3; times++) await rebuild();
  } finally {
    going = false;
  }
  const written = await Promise.all(writing);
  expect(Math.min(...written)).toBeGreaterThan(0);
  expect(await listProblems(server.pool)).toEqual([]);
});

/** @returns how many statements that were */
async function keepWriting(pool: Pool, isGoing: () => boolean): Promise<number> {
  const someone = '(SELECT id FROM users ORDER BY random() LIMIT 1)';
  const changes = [
    `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES (${someone}, ${someone}, 'm')`,
    `UPDATE messages SET is_read = true WHERE id = (SELECT id FROM messages ORDER BY random() LIMIT 1)`,
    `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT id, ${someone}, 'm' FROM users WHERE id % 9 = 0`,
    `DELETE FROM messages WHERE id = (SELECT id FROM messages ORDER BY random() LIMIT 1)`,
  ];
  let count = 0;
  for (; isGoing(); count++) await pool.query(changes[count % changes.length] as string);
  return count;
}
