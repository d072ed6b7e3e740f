import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { problemsIn } from '../support/inbox-invariants.ts';
import { briefly, load, tableContent } from '../support/mailbox.ts';
import { markRead, send } from '../support/messages.ts';
import { createPeople, onNode } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const ROUNDS = 12;

let nodes: readonly [TestServer, TestServer];
beforeAll(async () => {
  const first = await startTestServer();
  nodes = [first, await startTestServer({ database: first })];
});
afterAll(async () => {
  for (const node of [...nodes].reverse()) await node[Symbol.asyncDispose]();
});

test('what one node shows together with inboxCursor, plus the events that another node has after it, is the later state', async () => {
  const { pool } = nodes[0];
  const [alice, bob] = await createPeople(nodes[0], 'alice', 'bob');
  let writing = true;
  async function write(node: TestServer) {
    const [from, to] = [onNode(alice, node), onNode(bob, node)];
    for (let sent = 1; writing; sent++) {
      await send(from, to, `message ${sent}`);
      if (sent % 3 === 0) await send(to, from, `answer ${sent}`);
      if (sent % 5 === 0) await markRead(to, from);
      // A page of the conversation must hold all of it.
      if (sent % 7 === 0)
        await pool.query(
          'DELETE FROM messages WHERE $1 IN (sender_id, receiver_id) AND id < (SELECT max(id) - 40 FROM messages)',
          [alice.row],
        );
    }
  }
  const writers = nodes.map(write);
  const states = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [at, elsewhere] = [nodes[round % 2], nodes[1 - (round % 2)]] as [TestServer, TestServer];
    states.push({ ...(await load(onNode(bob, at).client)), elsewhere });
  }
  writing = false;
  await Promise.all(writers);

  // The case means something: most were loaded at a place of their own, in the midst of the writing.
  expect(new Set(states.map(({ cursor }) => cursor)).size).toBeGreaterThan(ROUNDS / 2);
  const table = await tableContent(pool, bob.row);
  const end = await cursorOf(bob.client);
  for (const { cursor, mailbox, unreadCount, elsewhere } of states) {
    expect(unreadCount).toBe(mailbox.unreadBy(bob.id));
    if (cursor === end) continue;
    await using recording = await follow(onNode(bob, elsewhere).client, { after: cursor });
    const events = await recording.until((all) => all.at(-1)?.cursor === end, 10_000);
    expect(briefly(mailbox.applyAll(events))).toEqual(table);
  }
  expect(await problemsIn(pool)).toEqual([]);
}, 60_000);
