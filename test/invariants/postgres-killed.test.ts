import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { byLane, keepSending, type Sending, textsOf } from '../support/keep-sending.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { cursorOf, follow } from '../support/subscriber.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const KILLS = 2;
/** How long PostgreSQL's answers are under way before it is killed: so long that some are lost with it. */
const DELAY_MS = 300;
const LANES = 8;
/** Until the load has begun, even on a machine without a CPU to spare. */
const LOAD_WITHIN_MS = 60_000;

let postgres: OwnCluster;
let network: TcpProxy;
let nodes: readonly [NodeProcess, NodeProcess];
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  postgres = await startOwnCluster();
  network = await startTcpProxy(portOf(postgres.url));
  const url = network.reroute(postgres.url);
  nodes = await Promise.all([startNodeProcess(url), startNodeProcess(url)]);
  [alice, bob] = await createPeople({ url: nodes[0].url, pool: postgres.pool }, 'alice', 'bob');
});
afterAll(async () => {
  for (const node of nodes) await node[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

/** Waits until something has been committed so lately that its answer must still be under way. */
async function untilAnAnswerIsUnderWay({ acknowledged }: Sending): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await postgres.pool.query<{ message_text: string }>(
        `SELECT message_text FROM messages WHERE created_at > clock_timestamp() - $1 * interval '1 ms'`,
        [DELAY_MS / 2],
      );
      const told = new Set(acknowledged.map(({ messageText }) => messageText));
      return rows.some(({ message_text }) => !told.has(message_text));
    },
    { withinMs: 15_000 },
  );
}

/** Kills the server, at a moment when it has committed what it has not yet told, and starts it again. */
async function crash(): Promise<void> {
  network.drop();
  expect(await postgres.kill()).toBeGreaterThan(nodes.length);
  await postgres.restart();
  // PostgreSQL may be back before the last answers of its former life are due.
  await eventually(() => network.underWay === 0);
  await network.heal();
}

test('every acknowledged send outlives kill -9 of PostgreSQL in mid-load, once, and subscriptions go on in order', async () => {
  const start = await cursorOf(bob.client);
  await using onFirst = await follow(onNode(bob, nodes[0]).client, { after: start });
  await using onSecond = await follow(onNode(bob, nodes[1]).client, {
    after: start,
    over: 'Server-Sent Events',
  });
  await using sending = keepSending(
    nodes.map((node) => onNode(alice, node)),
    bob,
    LANES,
  );
  // A subscription outlasts faults once it has begun.
  for (const recording of [onFirst, onSecond]) await recording.reaches(60, LOAD_WITHIN_MS);
  for (let round = 1; round <= KILLS; round++) {
    network.delay(DELAY_MS, 'answers');
    await sending.goesOn(LANES);
    await untilAnAnswerIsUnderWay(sending);
    const killedAt = new Date().toISOString();
    await crash();
    await sending.goesOn(60);
    // The case means something: some had been written when their answers were lost.
    expect(sending.retried.filter(({ createdAt }) => createdAt < killedAt).length).toBeGreaterThanOrEqual(
      round,
    );
  }
  await sending.stop();

  const sent = sending.acknowledged.map(({ messageText }) => messageText);
  const { rows } = await postgres.pool.query('SELECT message_text FROM messages ORDER BY id');
  expect(byLane(rows.map(({ message_text }) => message_text))).toEqual(byLane(sent));
  const events = await onFirst.reaches(sent.length, 10_000);
  expect(byLane(textsOf(events))).toEqual(byLane(sent));
  expect(await onSecond.reaches(sent.length, 10_000)).toEqual(events);
  expect([onFirst.errors, onSecond.errors]).toEqual([[], []]);
  expect(await problemsIn(postgres.pool)).toEqual([]);
}, 150_000);
