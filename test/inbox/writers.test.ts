import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import { eventually } from '../support/eventually.ts';
import { briefly, load, tableContent } from '../support/mailbox.ts';
import { markRead, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow, type Recording } from '../support/subscriber.ts';

let server: TestServer;
let [alice, bob, carol] = [] as unknown as [Person, Person, Person];
const followers: Recording[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
});
afterEach(async () => {
  for (const recording of followers.splice(0)) await recording[Symbol.asyncDispose]();
});

async function listen(...people: Person[]): Promise<Recording[]> {
  const opened = await Promise.all(people.map(({ client }) => follow(client)));
  followers.push(...opened);
  return opened;
}

const sql = (text: string, ...values: unknown[]) => server.pool.query(text, values);

/** Alice writes to Bob by SQL, as other programs do. @returns the number of the message. */
async function insert(text: string, from = alice, to = bob): Promise<number> {
  const { rows } = await sql(
    'INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3) RETURNING id',
    from.row,
    to.row,
    text,
  );
  return rows[0].id;
}

test('is_read set by SQL, and set back, reaches both', async () => {
  const id = await insert('to read');
  const recordings = await listen(alice, bob);

  await sql('UPDATE messages SET is_read = true WHERE id = $1', id);
  await sql('UPDATE messages SET is_read = true WHERE id = $1', id);
  await sql('UPDATE messages SET is_read = false WHERE id = $1', id);
  await insert('the end');

  for (const recording of recordings)
    expect(await recording.reaches(3)).toMatchObject([
      { __typename: 'MessagesRead', reader: { username: bob.name }, messages: [{ messageText: 'to read' }] },
      { __typename: 'MessagesChanged', messages: [{ messageText: 'to read', isRead: false }] },
      { __typename: 'MessageSent' },
    ]);
});

test('a text changed by SQL reaches both', async () => {
  const id = await insert('a tpyo');
  const recordings = await listen(alice, bob);

  await sql(`UPDATE messages SET message_text = 'a typo' WHERE id = $1`, id);

  for (const recording of recordings)
    expect(await recording.reaches(1)).toMatchObject([
      { __typename: 'MessagesChanged', messages: [{ messageText: 'a typo' }] },
    ]);
});

/** Does not compress: it is too long for the covering index, so the row has it in `full_text`. */
const LONG = Array.from({ length: 10_000 }, (_, i) =>
  String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)),
).join('');

test('a long text changed to a short one by a program that knows only message_text shows the short one', async () => {
  await send(alice, bob, LONG);
  const { rows } = await sql('SELECT full_text FROM messages WHERE sender_id = $1', alice.row);
  expect(rows[0].full_text).toBe(LONG);
  const [recording] = await listen(bob);

  await sql(`UPDATE messages SET message_text = 'short' WHERE sender_id = $1`, alice.row);

  expect(await recording?.reaches(1)).toMatchObject([
    { __typename: 'MessagesChanged', messages: [{ messageText: 'short' }] },
  ]);
});

test('a long text that changes only beyond its beginning reaches both', async () => {
  await send(alice, bob, LONG);
  const recordings = await listen(alice, bob);

  await sql(`UPDATE messages SET full_text = full_text || '!' WHERE sender_id = $1`, alice.row);

  for (const recording of recordings)
    expect(await recording.reaches(1)).toMatchObject([
      { __typename: 'MessagesChanged', messages: [{ messageText: `${LONG}!` }] },
    ]);
});

test('a message given to another receiver is deleted for the one, sent for the other, changed for its sender', async () => {
  const { id } = await send(alice, bob, 'for whom?');
  const [alices, bobs, carols] = await listen(alice, bob, carol);

  await sql('UPDATE messages SET receiver_id = $1 WHERE sender_id = $2', carol.row, alice.row);

  const message = { id, receiver: { username: carol.name } };
  expect(await alices?.reaches(1)).toMatchObject([{ __typename: 'MessagesChanged', messages: [message] }]);
  expect(await bobs?.reaches(1)).toMatchObject([{ __typename: 'MessagesDeleted', messageIds: [id] }]);
  expect(await carols?.reaches(1)).toMatchObject([{ __typename: 'MessageSent', message }]);
});

test('a message moved in time is another one: its old id is deleted, then the new one is sent', async () => {
  const { id } = await send(alice, bob, 'when?');
  const recordings = await listen(alice, bob);

  await sql(`UPDATE messages SET created_at = '2020-01-02T03:04:05.678901Z' WHERE sender_id = $1`, alice.row);

  for (const recording of recordings)
    expect(await recording.reaches(2)).toMatchObject([
      { __typename: 'MessagesDeleted', messageIds: [id] },
      { __typename: 'MessageSent', message: { createdAt: '2020-01-02T03:04:05.678901Z' } },
    ]);
});

test('deleted messages are named by the ids that they had', async () => {
  const ids = [(await send(alice, bob, 'one')).id, (await send(bob, alice, 'two')).id];
  const recordings = await listen(alice, bob);

  await sql('DELETE FROM messages WHERE $1 IN (sender_id, receiver_id)', alice.row);

  for (const recording of recordings)
    expect(await recording.reaches(1)).toMatchObject([{ __typename: 'MessagesDeleted', messageIds: ids }]);
});

test('a deleted user takes their messages out of the inboxes of others, and can follow their own no more', async () => {
  const { id } = await send(carol, alice, 'my last words');
  const [alices, carols] = await listen(alice, carol);

  await sql('DELETE FROM users WHERE id = $1', carol.row);

  expect(await alices?.reaches(1)).toMatchObject([{ __typename: 'MessagesDeleted', messageIds: [id] }]);
  await carols?.end();
  await eventually(() => carols?.closeCode === CloseCode.Forbidden);
  expect(carols?.events).toEqual([]);
  expect(JSON.stringify(carols?.errors)).not.toContain('RESYNC_REQUIRED');
});

test('who resumes across the deletion of a user that had read gets every event', async () => {
  const start = await cursorOf(alice.client);
  const { id } = await send(alice, bob, 'read this');
  await markRead(bob, alice);
  await sql('DELETE FROM users WHERE id = $1', bob.row);
  const later = await send(carol, alice, 'and then?');

  await using recording = await follow(alice.client, { after: start });
  const events = await recording.reaches(4);
  expect(recording.errors).toEqual([]);
  // Nobody is left who could be named as the reader.
  expect(events).toMatchObject([
    { __typename: 'MessageSent', message: null },
    { __typename: 'MessagesChanged', messages: [] },
    { __typename: 'MessagesDeleted', messageIds: [id] },
    { __typename: 'MessageSent', message: { id: later.id } },
  ]);
});

test('what is rolled back never shows, nor what a savepoint undoes', async () => {
  const recordings = await listen(alice, bob);
  const client = await server.pool.connect();
  const write = (text: string) =>
    client.query(`INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)`, [
      alice.row,
      bob.row,
      text,
    ]);
  try {
    await client.query('BEGIN');
    await write('rolled back');
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    await write('kept 1');
    await client.query('SAVEPOINT s');
    await write('undone');
    await client.query('ROLLBACK TO s');
    await write('kept 2');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await send(alice, bob, 'the end');

  for (const recording of recordings) {
    const events = await recording.reaches(3);
    const texts = events.map((event) => event.__typename === 'MessageSent' && event.message?.messageText);
    expect(texts).toEqual(['kept 1', 'kept 2', 'the end']);
  }
});

test('a prepared transaction shows when it is committed, by whichever connection, and not before', async () => {
  const recordings = await listen(alice, bob);
  const client = await server.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'prepared')`,
      [alice.row, bob.row],
    );
    await client.query(`PREPARE TRANSACTION 'two-phase'`);
  } finally {
    client.release();
  }
  expect((await load(bob.client)).unreadCount).toBe(0);
  expect(recordings.map(({ events }) => events)).toEqual([[], []]);

  await sql(`COMMIT PREPARED 'two-phase'`);

  for (const recording of recordings)
    expect(await recording.reaches(1)).toMatchObject([{ message: { messageText: 'prepared' } }]);
});

test('after TRUNCATE every open subscription is told to resync, as is every one that resumes', async () => {
  await send(alice, bob, 'gone');
  const before = await cursorOf(bob.client);
  const recordings = [
    ...(await listen(alice, bob)),
    await follow(bob.client, { over: 'Server-Sent Events' }),
  ];
  followers.push(...recordings);

  await sql('TRUNCATE messages');
  await send(alice, bob, 'new');

  recordings.push(await follow(bob.client, { after: before }));
  for (const recording of recordings) {
    await recording.end();
    expect(recording.events).toEqual([]);
    expect(recording.errors).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }]);
  }
  const { mailbox, cursor } = await load(bob.client);
  expect(briefly(mailbox)).toEqual(await tableContent(server.pool, bob.row));
  await using fresh = await follow(bob.client, { after: cursor });
  await send(alice, bob, 'and on');
  expect(await fresh.reaches(1)).toMatchObject([{ message: { messageText: 'and on' } }]);
});
