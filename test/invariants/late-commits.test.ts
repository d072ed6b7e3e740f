import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { textsOf } from '../support/keep-sending.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

let nodes: readonly [TestServer, TestServer];
let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];
/** Two connections of other programs. */
let [one, two] = [] as unknown as [PoolClient, PoolClient];

beforeAll(async () => {
  const first = await startTestServer();
  nodes = [first, await startTestServer({ database: first })];
});
afterAll(async () => {
  for (const node of [...nodes].reverse()) await node[Symbol.asyncDispose]();
});
beforeEach(async () => {
  [alice, bob, carol, dave] = await createPeople(nodes[0], 'alice', 'bob', 'carol', 'dave');
  [one, two] = [await nodes[0].pool.connect(), await nodes[0].pool.connect()];
  for (const connection of [one, two]) await connection.query('BEGIN');
});
afterEach(async () => {
  for (const connection of [one, two]) {
    await connection.query('ROLLBACK');
    connection.release();
  }
});

async function insert(connection: PoolClient, from: Person, to: Person, text: string): Promise<void> {
  await connection.query(`INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)`, [
    from.row,
    to.row,
    text,
  ]);
}

/** Those to and from these people, as their numbers and times would have them. */
async function textsByNumberAndTime(): Promise<string[]> {
  const { rows } = await nodes[0].pool.query(
    `SELECT array_agg(message_text ORDER BY id) AS numbered, array_agg(message_text ORDER BY created_at) AS timed
     FROM messages WHERE sender_id = ANY ($1)`,
    [[alice.row, dave.row]],
  );
  expect(rows[0].timed).toEqual(rows[0].numbered);
  return rows[0].numbered;
}

test('who has been given what was committed first is given what was begun before it, live and resumed on another node', async () => {
  const start = await cursorOf(bob.client);
  await using live = await follow(bob.client, { after: start });
  await using carols = await follow(carol.client);

  await insert(one, alice, carol, 'begun first, for another one');
  await one.query(`SELECT nextval('messages_id_seq')`);
  await insert(two, dave, bob, 'begun last');
  await two.query('COMMIT');
  const [seen] = await live.reaches(1);
  await insert(one, alice, bob, 'of the first, for the same one');
  await one.query('COMMIT');

  expect(textsOf(await live.reaches(2))).toEqual(['begun last', 'of the first, for the same one']);
  await using resumed = await follow(onNode(bob, nodes[1]).client, { after: seen?.cursor as string });
  expect(textsOf(await resumed.reaches(1))).toEqual(['of the first, for the same one']);
  expect(textsOf(await carols.reaches(1))).toEqual(['begun first, for another one']);
  expect(await problemsIn(nodes[0].pool)).toEqual([]);
});

test('a number taken long before its message is committed hides it from nobody', async () => {
  const { rows } = await one.query(`SELECT nextval('messages_id_seq')::int AS id, now() AS at`);
  await insert(two, dave, bob, 'higher number');
  await two.query('COMMIT');
  await using live = await follow(bob.client);
  const seen = await cursorOf(onNode(bob, nodes[1]).client);
  await one.query(
    `INSERT INTO messages (id, sender_id, receiver_id, message_text, created_at) VALUES ($1, $2, $3, 'lower number', $4)`,
    [rows[0].id, alice.row, bob.row, rows[0].at],
  );
  await one.query('COMMIT');

  expect(await textsByNumberAndTime()).toEqual(['lower number', 'higher number']);
  expect(textsOf(await live.reaches(1))).toEqual(['lower number']);
  await using resumed = await follow(onNode(bob, nodes[1]).client, { after: seen });
  expect(textsOf(await resumed.reaches(1))).toEqual(['lower number']);
});

test.each(['COMMIT', 'ROLLBACK'])(
  'writers of one log wait for each other, and no place is lost by %s',
  async (end) => {
    const start = await cursorOf(bob.client);
    await using live = await follow(bob.client, { after: start });
    await insert(one, alice, bob, 'first');
    const second = insert(two, dave, bob, 'second').then(() => two.query('COMMIT'));
    await eventually(async () => (await waitingForLocks(nodes[0].pool)).length === 1);
    expect(live.events).toEqual([]);
    await one.query(end);
    await second;

    const expected = end === 'COMMIT' ? ['first', 'second'] : ['second'];
    expect(textsOf(await live.reaches(expected.length))).toEqual(expected);
    await using resumed = await follow(onNode(bob, nodes[1]).client, { after: start });
    expect(await resumed.reaches(expected.length)).toEqual(live.events);
    expect(await problemsIn(nodes[0].pool)).toEqual([]);
  },
);
