import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { keepMonthsAhead } from '../../src/storage/scaling/partitioning/ahead.ts';
import { monthOf } from '../../src/storage/scaling/partitioning/months.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo } from './conversion.ts';

let database: TestDatabase;
let people: number[];
let ahead: string[];
beforeEach(async () => {
  database = await createTestDatabase();
  people = await createUsers(database.pool, 'alice', 'bob');
  const { rows } = await database.pool.query(
    `SELECT to_char(date_trunc('month', now(), 'UTC') + i * interval '1 month', '"messages_"YYYY_MM') AS name
     FROM generate_series(0, 3) i`,
  );
  ahead = rows.map(({ name }) => name);
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const keep = () => keepMonthsAhead(database.pool, database.url, new AbortController().signal);

async function partitions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent = 'messages'::regclass AND inhrelid::regclass::text ~ '\\d' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** As if the servers had not been running for that long. */
async function forgetMonths(): Promise<void> {
  await convertTo('partitioned', database.url, [monthOf(new Date())]);
}

/** By another program, with a time in the next month. */
const writeStrays = (count: number) =>
  database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, date_trunc('month', now(), 'UTC') + interval '1 month' + i * interval '1 second'
     FROM generate_series(1, $3) i`,
    [...people, count],
  );

const headsOf = async () => (await database.pool.query('SELECT * FROM inbox_heads ORDER BY 1')).rows;

test('one table is left alone', async () => {
  await keep();
  expect(await partitions()).toEqual([]);
});

test('the present month and three more have their partitions', async () => {
  await forgetMonths();
  await keep();
  expect(await partitions()).toEqual(ahead);
});

test('what was written to such a month before moves there, and nobody hears of it', async () => {
  await forgetMonths();
  await writeStrays(20);
  const [messages, heads] = [await allMessages(database.pool), await headsOf()];
  await keep();
  expect(await allMessages(database.pool)).toEqual(messages);
  expect(await headsOf()).toEqual(heads);
  const { rows } = await database.pool.query(`SELECT count(*)::int FROM ${ahead[1]}`);
  expect(rows).toEqual([{ count: 20 }]);
});

test('a month with too many stays where it is, with all later ones', async () => {
  await forgetMonths();
  await writeStrays(1_001);
  await expect(keep()).rejects.toThrow(/^messages_future has more than 1000 messages of \d{4}-\d\d/);
  expect(await partitions()).toEqual(ahead.slice(0, 1));
});

test('what is written straight to a partition made later, or to an open one, counts', async () => {
  await forgetMonths();
  await writeStrays(1);
  await keep();
  await database.pool.query(
    `INSERT INTO ${ahead[2]} (sender_id, receiver_id, message_text, created_at)
     VALUES ($1, $2, 'straight', date_trunc('month', now(), 'UTC') + interval '2 months')`,
    people,
  );
  await database.pool.query(
    `INSERT INTO messages_past (sender_id, receiver_id, message_text, created_at)
     VALUES ($1, $2, 'straight', '2001-01-01Z')`,
    people,
  );
  await database.pool.query(
    `INSERT INTO messages_future (sender_id, receiver_id, message_text, created_at)
     VALUES ($1, $2, 'straight', '9999-01-01Z')`,
    people,
  );
  expect(await problemsIn(database.pool)).toEqual([]);
  expect(await headsOf()).toEqual(people.map((user) => ({ user_id: user, seq: '4' })));
});

test('any number of nodes may do it at once, and none while a scaling command is at work', async () => {
  await forgetMonths();
  await withSession(database.url, async (session) => {
    await claimOrExplain(session);
    await keep();
    expect(await partitions()).toEqual(ahead.slice(0, 1));
  });
  await Promise.all([keep(), keep(), keep()]);
  expect(await partitions()).toEqual(ahead);
});

test('who writes into a month while its partition is made does not fail', async () => {
  await forgetMonths();
  const gate = await database.pool.connect();
  await gate.query('BEGIN; SELECT pg_advisory_xact_lock(42)');
  const sent = database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1::int, $2::int, 'slow', date_trunc('month', now(), 'UTC') + interval '40 days'
     FROM (SELECT pg_advisory_xact_lock(42) OFFSET 0) gate`,
    people,
  );
  await eventually(async () => (await waitingForLocks(database.pool)).length > 0);
  const kept = keep();
  // It wants the table, and makes way.
  await eventually(async () => (await waitingForLocks(database.pool)).length > 1);
  await gate.query('COMMIT');
  gate.release();
  await sent;
  await kept;
  expect(await partitions()).toEqual(ahead);
  expect(await problemsIn(database.pool)).toEqual([]);
});
