import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SentMessage, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const RFC3339_MICROSECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;
const MAX_CHARACTERS = 10_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const MESSAGE =
  'query ($id: ID!) { message(id: $id) { id messageText createdAt isRead sender { id username } receiver { id username } } }';

async function read(reader: Person, { id }: SentMessage) {
  return (await reader.client.data(MESSAGE, { id })).message;
}

describe('a sent message', () => {
  test('says who wrote what to whom and when, and is not read yet', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const before = Date.now();
    const message = await send(alice, bob, 'hello');
    expect(message).toEqual({
      id: expect.any(String),
      messageText: 'hello',
      createdAt: expect.stringMatching(RFC3339_MICROSECONDS),
      isRead: false,
      sender: { id: alice.id, username: alice.name },
      receiver: { id: bob.id, username: bob.name },
    });
    expect(Math.abs(Date.parse(message.createdAt) - before)).toBeLessThan(60_000);
  });

  test('is the same for its sender and its receiver, and nothing for anyone else', async () => {
    const [alice, bob, mallory] = await createPeople(server, 'alice', 'bob', 'mallory');
    const message = await send(alice, bob, 'between us');
    expect(await read(alice, message)).toEqual(message);
    expect(await read(bob, message)).toEqual(message);
    expect(await read(mallory, message)).toBeNull();
  });

  test('is one row of the messages table, with the time that the answer has', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const { createdAt } = await send(alice, bob, 'stored');
    const { rows } = await server.pool.query(
      `SELECT sender_id, receiver_id, message_text, is_read, created_at = $2::timestamptz AS same_time
       FROM messages WHERE sender_id = $1`,
      [alice.row, createdAt],
    );
    expect(rows).toEqual([
      {
        sender_id: alice.row,
        receiver_id: bob.row,
        message_text: 'stored',
        is_read: false,
        same_time: true,
      },
    ]);
  });
});

/** Characters from a range, at random: PostgreSQL cannot compress them into an index entry. */
function noise(from: number, to: number): string {
  return String.fromCodePoint(...Array.from({ length: MAX_CHARACTERS }, () => randomInt(from, to)));
}

describe('a text is kept exactly', () => {
  test.each([
    ['with emoji of several code points', '👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 ❤️'],
    ['with newlines of all kinds', 'a\nb\r\nc\rd\u2028e\n'],
    ['with blanks at both ends', '  \t text \u00a0\u3000 '],
    ['with combining characters, not composed', 'e\u0301 A\u030a n\u0303 \u1112\u1161\u11ab'],
    ['with composed characters, not taken apart', '\u00e9 \u00c5 \u00f1 \ud55c'],
    ['with both directions and invisible marks', 'שלום \u202eabc\u202c \u200b\u200d\ufeff'],
    [
      'with what SQL, JSON and HTML would read as their own',
      `'; DROP TABLE messages; -- \\ \\n "x" $1 {} %s <b>&amp;`,
    ],
    ['with control characters', '\u0001\u0007\u001b[31m\u007f\u0085'],
    ['with code points that are no characters', '\ufffe\uffff\ufffd\u{10ffff}'],
    ['of one character', 'x'],
    ['of one character outside the first plane', '𝒳'],
    ['of 10,000 equal characters', 'x'.repeat(MAX_CHARACTERS)],
    ['of 10,000 emoji, which are 40,000 bytes', '🎈'.repeat(MAX_CHARACTERS)],
    ['of 10,000 different CJK characters', noise(0x4e00, 0x9fff)],
    ['of 10,000 different ASCII characters', noise(0x21, 0x7e)],
    ['of 10,000 different emoji', noise(0x1f300, 0x1f5ff)],
  ])('%s', async (_, text) => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const message = await send(alice, bob, text);
    expect(message.messageText).toBe(text);
    expect((await read(bob, message)).messageText).toBe(text);
    const list = await bob.client.data(
      `query ($with: ID!) { conversation(with: $with) {
        lastMessage { messageText } messages { edges { node { messageText } } }
      } }`,
      { with: alice.id },
    );
    expect(list.conversation.lastMessage.messageText).toBe(text);
    expect(list.conversation.messages.edges).toEqual([{ node: { messageText: text } }]);
  });

  test('when only the end of a long one differs from another', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const beginning = noise(0x4e00, 0x9fff).slice(0, -1);
    const [one, other] = [await send(alice, bob, `${beginning}一`), await send(alice, bob, `${beginning}二`)];
    expect((await read(bob, one)).messageText).toBe(`${beginning}一`);
    expect((await read(bob, other)).messageText).toBe(`${beginning}二`);
  });
});
