import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { briefly, load, tableContent } from '../support/mailbox.ts';
import { markRead, send } from '../support/messages.ts';
import { createPeople } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const ROUNDS = 40;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('what is loaded together with inboxCursor, plus the events after it, is the later state, however sends race', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  let writing = true;
  let sent = 0;
  async function write() {
    while (writing) {
      await send(alice, bob, `message ${++sent}`);
      if (sent % 5 === 0) await markRead(bob, alice);
      if (sent % 7 === 0)
        await server.pool.query(
          `UPDATE messages SET message_text = message_text || '!'
           WHERE id = (SELECT max(id) FROM messages WHERE sender_id = $1)`,
          [alice.row],
        );
      // A page of the conversation must hold all of it.
      if (sent % 11 === 0)
        await server.pool.query(
          `DELETE FROM messages WHERE sender_id = $1 AND id < (SELECT max(id) - 50 FROM messages WHERE sender_id = $1)`,
          [alice.row],
        );
    }
  }
  const writers = [write(), write()];
  const states = [];
  for (let round = 0; round < ROUNDS; round++) states.push(await load(bob.client));
  writing = false;
  await Promise.all(writers);

  // The case means something: most rounds were loaded at a place of their own, in the midst of the writing.
  expect(new Set(states.map(({ cursor }) => cursor)).size).toBeGreaterThan(ROUNDS / 2);
  const table = await tableContent(server.pool, bob.row);
  const end = await cursorOf(bob.client);
  for (const { cursor, mailbox, unreadCount, unreadInConversations } of states) {
    expect(unreadCount).toBe(mailbox.unreadBy(bob.id));
    expect(unreadInConversations).toBe(unreadCount);
    if (cursor === end) continue;
    await using recording = await follow(bob.client, { after: cursor });
    const events = await recording.until((all) => all.at(-1)?.cursor === end, 10_000);
    expect(briefly(mailbox.applyAll(events))).toEqual(table);
  }
}, 60_000);

test('an operation that asks for inboxCursor sees one moment in all its fields', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const count = `conversation(with: "${alice.id}") { unreadCount }`;
  let writing = true;
  const writer = (async () => {
    while (writing) await send(alice, bob, 'one more');
  })();
  const seen = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const data = await bob.client.data(`{ first: ${count} unreadCount inboxCursor last: ${count} }`);
    expect([data.first.unreadCount, data.last.unreadCount]).toEqual([data.unreadCount, data.unreadCount]);
    seen.add(data.unreadCount);
  }
  writing = false;
  await writer;
  expect(seen.size).toBeGreaterThan(ROUNDS / 4);
});
