import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { listProblems } from '../support/inbox-invariants.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo, convertUntilKilled } from './conversion.ts';

const MONTHS = ['2024-04', '2024-05', '2024-06'];

let database: TestDatabase;
let people: number[];
beforeEach(async () => {
  database = await createTestDatabase();
  people = await createUsers(database.pool, 'alice', 'bob');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, '2024-04-15Z'::timestamptz + i * interval '10 days' FROM generate_series(0, 20) i`,
    people,
  );
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const untilCopying = () =>
  convertUntilKilled('partitioned', database.url, (statement) => statement.includes('FOR KEY SHARE'));

test('one partition is emptied while everything waits to become one table again: only its messages go', async () => {
  await convertTo('partitioned', database.url, MONTHS);
  await convertUntilKilled('plain', database.url, (statement) => statement.includes('virtualxid'));
  await database.pool.query('TRUNCATE messages_2024_04');
  const left = await allMessages(database.pool);
  expect(left.length).toBeGreaterThan(15);
  await convertTo('plain', database.url);
  expect(await allMessages(database.pool)).toEqual(left);
});

test('who empties one partition takes nothing else out of the lists', async () => {
  await convertTo('partitioned', database.url, MONTHS);
  await database.pool.query('TRUNCATE messages_2024_04');
  expect(await listProblems(database.pool)).toEqual([]);
});

test('users can be emptied with all that depends on them while messages are copied', async () => {
  await untilCopying();
  await database.pool.query('TRUNCATE users CASCADE');
  await convertTo('partitioned', database.url);
  expect(await allMessages(database.pool)).toEqual([]);
});

test('all can be emptied while it becomes one table again', async () => {
  await convertTo('partitioned', database.url, MONTHS);
  await convertUntilKilled('plain', database.url, (statement) => statement.includes('virtualxid'));
  await database.pool.query('TRUNCATE messages');
  await convertTo('plain', database.url);
  expect(await allMessages(database.pool)).toEqual([]);
});
