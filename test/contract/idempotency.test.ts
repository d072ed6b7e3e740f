import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { SEND, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const DUPLICATES = 50;

let server: TestServer;
/** Another node on the same database. */
let other: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ database: server });
});

afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const onOther = (person: Person): Person => ({ ...person, client: new TestClient(other.url, person.name) });

async function codeOf(from: Person, to: { id: string }, messageText: string, idempotencyKey: string) {
  const input = { receiverId: to.id, messageText, idempotencyKey };
  const { data, errors } = await from.client.ask(SEND, { input });
  expect(data ?? null).toBeNull();
  return errors?.[0]?.extensions.code;
}

async function textsSentBy({ row }: Person): Promise<string[]> {
  const { rows } = await server.pool.query(
    'SELECT message_text FROM messages WHERE sender_id = $1 ORDER BY id',
    [row],
  );
  return rows.map(({ message_text }) => message_text);
}

test('the same key and input give the same message and one row, on any node', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const message = await send(alice, bob, 'once', 'k');
  expect(await send(alice, bob, 'once', 'k')).toEqual(message);
  expect(await send(onOther(alice), bob, 'once', 'k')).toEqual(message);
  expect(await textsSentBy(alice)).toEqual(['once']);
});

test('without a key, or with another one, the same input is another message', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const ids = [
    await send(alice, bob, 'hi'),
    await send(alice, bob, 'hi'),
    await send(alice, bob, 'hi', 'k1'),
    await send(alice, bob, 'hi', 'k2'),
    await send(alice, bob, 'hi', 'K1'),
    await send(alice, bob, 'hi', ' k1'),
  ].map(({ id }) => id);
  expect(new Set(ids).size).toBe(6);
  expect(await textsSentBy(alice)).toHaveLength(6);
});

test(`${DUPLICATES} duplicates at once, on two nodes, give one row and ${DUPLICATES} equal answers`, async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const answers = await Promise.all(
    Array.from({ length: DUPLICATES }, (_, i) =>
      send(i % 2 === 0 ? alice : onOther(alice), bob, 'once', 'k'),
    ),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await textsSentBy(alice)).toEqual(['once']);
  const { rows } = await server.pool.query(
    'SELECT unread_count, (SELECT count(*)::int FROM inbox_events WHERE user_id = $1) AS events FROM conversations WHERE user_id = $1',
    [bob.row],
  );
  expect(rows).toEqual([{ unread_count: 1, events: 1 }]);
});

test('of racers with different input one wins, and all others conflict', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const codes = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const input = { receiverId: bob.id, messageText: `text ${i}`, idempotencyKey: 'k' };
      const { client } = i % 2 === 0 ? alice : onOther(alice);
      return (await client.ask(SEND, { input })).errors?.[0]?.extensions.code ?? 'sent';
    }),
  );
  expect(codes.sort()).toEqual([...Array(19).fill('IDEMPOTENCY_CONFLICT'), 'sent']);
  expect(await textsSentBy(alice)).toHaveLength(1);
});

test('the same key with another text or another receiver is a conflict', async () => {
  const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  const message = await send(alice, bob, 'text', 'k');
  expect(await codeOf(alice, bob, 'text ', 'k')).toBe('IDEMPOTENCY_CONFLICT');
  expect(await codeOf(alice, carol, 'text', 'k')).toBe('IDEMPOTENCY_CONFLICT');
  expect(await codeOf(onOther(alice), bob, 'other', 'k')).toBe('IDEMPOTENCY_CONFLICT');
  expect(await send(alice, bob, 'text', 'k')).toEqual(message);
  expect(await textsSentBy(alice)).toEqual(['text']);
});

test('where receiver and text meet makes a difference', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  await send(alice, bob, 'a\nb', 'k');
  expect(await codeOf(alice, bob, 'a', 'k')).toBe('IDEMPOTENCY_CONFLICT');
  expect(await codeOf(alice, bob, '\na\nb', 'k')).toBe('IDEMPOTENCY_CONFLICT');
});

test("a key is its sender's own: the receiver and others use the same one freely", async () => {
  const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
  const ids = [
    await send(alice, bob, 'hi', 'k'),
    await send(bob, alice, 'hi', 'k'),
    await send(carol, bob, 'hi', 'k'),
  ].map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
});

test('a failed send does not use up its key', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const nobody = { id: Buffer.from('User:2147483647').toString('base64url') };
  expect(await codeOf(alice, nobody, 'hi', 'k')).toBe('NOT_FOUND');
  expect(await codeOf(alice, bob, ' ', 'k')).toBe('BAD_USER_INPUT');
  expect(await codeOf(alice, alice, 'hi', 'k')).toBe('BAD_USER_INPUT');
  expect((await send(alice, bob, 'at last', 'k')).messageText).toBe('at last');
});

test('a message that has been deleted since is not found, and not sent again', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  await send(alice, bob, 'gone', 'k');
  await server.pool.query('DELETE FROM messages WHERE sender_id = $1', [alice.row]);
  expect(await codeOf(alice, bob, 'gone', 'k')).toBe('NOT_FOUND');
  expect(await codeOf(onOther(alice), bob, 'gone', 'k')).toBe('NOT_FOUND');
  expect(await textsSentBy(alice)).toEqual([]);
});

test('the answer shows the message as it is now', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const { id } = await send(alice, bob, 'hi', 'k');
  await server.pool.query(
    "UPDATE messages SET is_read = true, message_text = 'edited' WHERE sender_id = $1",
    [alice.row],
  );
  expect(await send(alice, bob, 'hi', 'k')).toMatchObject({ id, isRead: true, messageText: 'edited' });
});

test.each([
  ['200 characters', 'k'.repeat(200)],
  ['200 emoji', '🔑'.repeat(200)],
  ['a blank', ' '],
  ['quotes and newlines', `'"\n\\`],
])('a key of %s is kept exactly', async (_, key) => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const message = await send(alice, bob, 'hi', key);
  expect(await send(onOther(alice), bob, 'hi', key)).toEqual(message);
  expect(await textsSentBy(alice)).toEqual(['hi']);
});

test('long texts that PostgreSQL cannot compress are idempotent too', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const text = Array.from({ length: 10_000 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
  ).join('');
  const answers = await Promise.all(
    [alice, onOther(alice), alice].map((sender) => send(sender, bob, text, 'k')),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]?.messageText).toBe(text);
  expect(await codeOf(alice, bob, `${text.slice(0, -1)}x`, 'k')).toBe('IDEMPOTENCY_CONFLICT');
});
