import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks, withHeadLocked } from '../support/locks.ts';
import { SEND } from '../support/messages.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const DUPLICATES = 50;
/** Long enough that each send is a statement of its own; shorter ones of one node would be one. */
const TEXT = 'once '.repeat(500);
const POOL_SIZE = 5;

let nodes: readonly [TestServer, TestServer];
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  // Most wait for a connection until all that is locked has been done.
  const environment = { DATABASE_POOL_SIZE: String(POOL_SIZE), DATABASE_POOL_WAIT_MS: '20000' };
  const first = await startTestServer({ environment });
  nodes = [first, await startTestServer({ database: first, environment })];
});
afterAll(async () => {
  for (const node of [...nodes].reverse()) await node[Symbol.asyncDispose]();
});
beforeEach(async () => {
  [alice, bob] = await createPeople(nodes[0], 'alice', 'bob');
});

function sendDuplicates(): Promise<Answer[]> {
  const input = { receiverId: bob.id, messageText: TEXT, idempotencyKey: 'k' };
  return Promise.all(
    Array.from({ length: DUPLICATES }, (_, i) =>
      onNode(alice, nodes[i % 2] as TestServer).client.ask(SEND, { input }),
    ),
  );
}

const everyConnectionWaits = () =>
  eventually(async () => (await waitingForLocks(nodes[0].pool)).length === POOL_SIZE * nodes.length);

async function rowsAndProblems() {
  const { rows } = await nodes[0].pool.query('SELECT id FROM messages WHERE sender_id = $1', [alice.row]);
  return { rows: rows.length, problems: await problemsIn(nodes[0].pool) };
}

test(`${DUPLICATES} duplicates on two nodes, while the receiver's log is locked, give one row and equal answers`, async () => {
  await alice.client.data(SEND, { input: { receiverId: bob.id, messageText: 'so that there is a log' } });
  let answers: Promise<Answer[]> | undefined;
  await withHeadLocked(nodes[0].pool, bob, async () => {
    answers = sendDuplicates();
    await everyConnectionWaits();
  });

  const all = (await answers) as Answer[];
  expect(all[0]?.data.sendMessage.message.messageText).toBe(TEXT);
  for (const answer of all) expect(answer).toEqual(all[0]);
  expect(await rowsAndProblems()).toEqual({ rows: 2, problems: [] });
});

test('when the one that writes is cut off, another one does, and the rest get that answer', async () => {
  await alice.client.data(SEND, { input: { receiverId: bob.id, messageText: 'so that there is a log' } });
  let answers: Promise<Answer[]> | undefined;
  await withHeadLocked(nodes[0].pool, bob, async (holder) => {
    answers = sendDuplicates();
    await everyConnectionWaits();
    // The others wait for the key.
    const writers = (await waitingForLocks(nodes[0].pool)).filter((each) => each.for.includes(holder));
    expect(writers).toHaveLength(1);
    await nodes[0].pool.query('SELECT pg_terminate_backend($1)', [writers[0]?.pid]);
    await everyConnectionWaits();
  });

  const all = (await answers) as Answer[];
  const failed = all.filter(({ errors }) => errors !== undefined);
  expect(failed).toMatchObject([{ errors: [{ extensions: { code: 'UNAVAILABLE' } }] }]);
  const given = all.filter(({ errors }) => errors === undefined);
  for (const answer of given) expect(answer).toEqual(given[0]);
  expect(await sendDuplicates()).toEqual(Array.from({ length: DUPLICATES }, () => given[0]));
  expect(await rowsAndProblems()).toEqual({ rows: 2, problems: [] });
});
