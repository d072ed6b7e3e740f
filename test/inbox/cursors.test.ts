import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { UserId } from '../../src/messaging/ids.ts';
import { decodeInboxCursor, encodeInboxCursor } from '../../src/messaging/inbox/cursor.ts';
import { send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow, type Transport } from '../support/subscriber.ts';

let server: TestServer;
let [alice, bob]: Person[] = [];
beforeAll(async () => {
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
  for (const text of ['one', 'two', 'three']) await send(alice, bob, text);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const people = () => [alice, bob] as [Person, Person];

/** The place that a cursor of this user stands for, to make others from. */
const placeOf = (user: Person, cursor: string) => decodeInboxCursor(user.row as UserId, cursor);

describe.each<Transport>(['sockets', 'Server-Sent Events'])('over %s', (over) => {
  async function refusalOf(user: Person, after: string) {
    await using recording = await follow(user.client, { over, after });
    await recording.end();
    expect(recording.events).toEqual([]);
    expect(recording.errors).toHaveLength(1);
    return recording.errors[0]?.extensions;
  }

  const NOT_A_CURSOR = { code: 'BAD_USER_INPUT', argument: 'after' };
  const RESYNC = { code: 'RESYNC_REQUIRED' };

  test("somebody else's cursor is refused", async () => {
    const [alice, bob] = people();
    expect(await refusalOf(bob, await cursorOf(alice.client))).toEqual(NOT_A_CURSOR);
  });

  test('a cursor with any one character changed or lost is refused', async () => {
    const [, bob] = people();
    const cursor = await cursorOf(bob.client);
    const places = [0, 7, 12, cursor.length - 10, cursor.length - 1];
    const mangled = places.flatMap((i) => [
      `${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`,
      cursor.slice(0, i) + cursor.slice(i + 1),
    ]);
    for (const after of mangled) expect(await refusalOf(bob, after)).toEqual(NOT_A_CURSOR);
  });

  test.each([
    ['an empty text', ''],
    ['a text of some other kind', 'yesterday'],
    ['100,000 characters', 'x'.repeat(100_000)],
    ['NUL', '\0'],
  ])('%s is refused', async (_, after) => {
    const [, bob] = people();
    expect(await refusalOf(bob, after)).toEqual(NOT_A_CURSOR);
  });

  test("a list's cursor is refused", async () => {
    const [, bob] = people();
    const { conversations } = await bob.client.data('{ conversations { pageInfo { endCursor } } }');
    expect(await refusalOf(bob, conversations.pageInfo.endCursor)).toEqual(NOT_A_CURSOR);
  });

  test('a cursor from before the database was replaced asks for a resync', async () => {
    const [, bob] = people();
    const { seq } = placeOf(bob, await cursorOf(bob.client));
    const after = encodeInboxCursor(bob.row as UserId, { epoch: '0123456789ab', seq });
    expect(await refusalOf(bob, after)).toEqual(RESYNC);
  });

  test.each([1n, 1_000_000n])('a cursor %s above the head asks for a resync', async (above) => {
    const [, bob] = people();
    const { epoch, seq } = placeOf(bob, await cursorOf(bob.client));
    const after = encodeInboxCursor(bob.row as UserId, { epoch, seq: seq + above });
    expect(await refusalOf(bob, after)).toEqual(RESYNC);
  });

  test('a cursor whose next event is gone asks for a resync, and gives none of the later ones', async () => {
    const [carol, dave] = await createPeople(server, 'carol', 'dave');
    const start = await cursorOf(dave.client);
    for (const text of ['one', 'two', 'three']) await send(carol, dave, text);
    const { seq } = placeOf(dave, start);
    await server.pool.query('DELETE FROM inbox_events WHERE user_id = $1 AND seq = $2', [
      dave.row,
      String(seq + 1n),
    ]);
    expect(await refusalOf(dave, start)).toEqual(RESYNC);
  });
});

test('a cursor that the API gave for an empty inbox is one to follow from', async () => {
  const [newcomer, writer] = await createPeople(server, 'newcomer', 'writer');
  await using recording = await follow(newcomer.client, { after: await cursorOf(newcomer.client) });
  const { id } = await send(writer, newcomer, 'welcome');
  expect(await recording.reaches(1)).toMatchObject([{ message: { id } }]);
});
