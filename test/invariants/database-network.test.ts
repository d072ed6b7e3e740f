import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { byLane, keepSending, type Sending, textsOf } from '../support/keep-sending.ts';
import { SEND } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { cursorOf, follow } from '../support/subscriber.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const WAIT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 1_000;
/** A connection is waited for, then the statement, and 1 s more for the word of it. */
const ANSWERED_WITHIN_MS = WAIT_MS + STATEMENT_TIMEOUT_MS + 1_000;
/** What everything else takes, on a busy machine. */
const GRACE_MS = 1_500;
const DELAY_MS = 50;
const LANES = 4;

let database: TestDatabase;
/** Between the database and one of the nodes. */
let network: TcpProxy;
let disturbed: NodeProcess;
let other: NodeProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  network = await startTcpProxy(portOf(database.url));
  const bounds = {
    DATABASE_POOL_WAIT_MS: String(WAIT_MS),
    DATABASE_STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS),
  };
  [disturbed, other] = await Promise.all([
    startNodeProcess(network.reroute(database.url), bounds),
    startNodeProcess(database.url, bounds),
  ]);
});
afterAll(async () => {
  for (const node of [disturbed, other]) await node[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Sends and follows on both nodes while `act` disturbs the network of one; then nothing may be lost. */
async function underLoad(
  act: (sending: Sending, alice: Person, bob: Person) => Promise<void>,
): Promise<void> {
  // On a busy machine the first connections may take longer than a request waits here.
  const [alice, bob] = await eventually(() =>
    createPeople({ url: disturbed.url, pool: database.pool }, 'alice', 'bob'),
  );
  const start = await cursorOf(bob.client);
  await using followed = await follow(bob.client, { after: start });
  await using bySse = await follow(bob.client, { after: start, over: 'Server-Sent Events' });
  await using elsewhere = await follow(onNode(bob, other).client, { after: start });
  await using sending = keepSending([alice, onNode(alice, other)], bob, LANES);
  // A subscription outlasts faults once it has begun.
  for (const recording of [followed, bySse, elsewhere]) await recording.reaches(20, 15_000);
  await act(sending, alice, bob);
  await network.heal();
  await sending.goesOn(20);
  await sending.stop();

  const sent = sending.acknowledged.map(({ messageText }) => messageText);
  const events = await elsewhere.reaches(sent.length, 10_000);
  expect(byLane(textsOf(events))).toEqual(byLane(sent));
  for (const recording of [followed, bySse]) {
    expect(await recording.reaches(sent.length, 10_000)).toEqual(events);
    expect(recording.errors).toEqual([]);
  }
  // All as before.
  const again = await alice.client.ask(SEND, { input: { receiverId: bob.id, messageText: 'again' } });
  expect(again.errors).toBeUndefined();
  expect(await problemsIn(database.pool)).toEqual([]);
}

/** What is asked, each of its own kind: a write, a plain read, one in a snapshot, one through Prisma. */
function askEverything(alice: Person, bob: Person) {
  return Promise.all([
    alice.client.ask(SEND, { input: { receiverId: bob.id, messageText: 'lost', idempotencyKey: 'lost' } }),
    alice.client.ask('{ unreadCount }'),
    alice.client.ask('{ inboxCursor conversations { edges { node { unreadCount } } } }'),
    alice.client.ask('{ user(username: "nobody") { id } }'),
  ]);
}

async function expectUnavailable(alice: Person, bob: Person): Promise<void> {
  const asked = performance.now();
  for (const { errors } of await askEverything(alice, bob))
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE']);
  expect(performance.now() - asked).toBeLessThan(ANSWERED_WITHIN_MS + GRACE_MS);
}

test('a slow way to the database makes everything slower, and nothing else', async () => {
  await underLoad(async (sending, alice) => {
    network.delay(DELAY_MS);
    const asked = performance.now();
    await alice.client.data('{ unreadCount }');
    expect(performance.now() - asked).toBeGreaterThan(2 * DELAY_MS - 1);
    await sending.goesOn(40);
    expect(sending.unanswered).toBe(0);
  });
}, 30_000);

test('connections that are reset fail what was under way, and nothing after it', async () => {
  await underLoad(async (sending) => {
    for (let round = 0; round < 4; round++) {
      network.delay(DELAY_MS);
      await sending.goesOn(LANES);
      const { unanswered } = sending;
      // Until something was under way.
      await eventually(() => network.reset() > 0 && sending.unanswered > unanswered);
    }
  });
}, 30_000);

test('where nobody listens any more, requests are told so at once, and the other node goes on', async () => {
  await underLoad(async (sending, alice, bob) => {
    network.refuse();
    network.reset();
    await expectUnavailable(alice, bob);
    await sending.goesOn(40);
    expect(network.count).toBe(0);
  });
}, 30_000);

test('a network that says nothing more is told as such within the bounds, again and again', async () => {
  await underLoad(async (sending, alice, bob) => {
    network.drop();
    // First on connections that were good, then on new ones.
    for (let round = 0; round < 2; round++) await expectUnavailable(alice, bob);
    expect(network.lostBytes).toBeGreaterThan(0);
    await sending.goesOn(LANES);
  });
}, 40_000);
