import { expect, test } from '@jest/globals';
import { listProblems } from '../support/inbox-invariants.ts';
import { createUsers } from '../support/server.ts';
import {
  allMessages,
  convertTo,
  convertUntilKilled,
  MONTHS_OF_2024,
  untilCopying,
  writeHistoryOf2024,
} from './conversion.ts';
import { databaseOfEachTest } from './each-test.ts';

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob');
  await writeHistoryOf2024(pool, people);
});

test('one partition is emptied while everything waits to become one table again: only its messages go', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  await convertUntilKilled('plain', database.url, (statement) => statement.includes('virtualxid'));
  await database.pool.query('TRUNCATE messages_2024_04');
  const left = await allMessages(database.pool);
  expect(left.length).toBeGreaterThan(15);
  await convertTo('plain', database.url);
  expect(await allMessages(database.pool)).toEqual(left);
});

test('who empties one partition takes nothing else out of the lists', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  await database.pool.query('TRUNCATE messages_2024_04');
  expect(await listProblems(database.pool)).toEqual([]);
});

test('users can be emptied with all that depends on them while messages are copied', async () => {
  await untilCopying('partitioned', database.url);
  await database.pool.query('TRUNCATE users CASCADE');
  await convertTo('partitioned', database.url);
  expect(await allMessages(database.pool)).toEqual([]);
});

test('all can be emptied while it becomes one table again', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  await convertUntilKilled('plain', database.url, (statement) => statement.includes('virtualxid'));
  await database.pool.query('TRUNCATE messages');
  await convertTo('plain', database.url);
  expect(await allMessages(database.pool)).toEqual([]);
});
