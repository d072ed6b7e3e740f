import { expect, test } from '@jest/globals';
import { withOnlooker } from '../../src/storage/scaling/onlooker.ts';
import { reindex } from '../../src/storage/scaling/reindex.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { eventually } from '../support/eventually.ts';
import { createUsers } from '../support/server.ts';
import { within, writeHistory } from './conversion.ts';
import { databaseOfEachTest } from './each-test.ts';

const database = databaseOfEachTest(async (pool) => {
  await writeHistory(pool, await createUsers(pool, 'alice', 'bob'));
});

const reindexed = (url: string, tell: (line: string) => void) =>
  withSession(database.url, (session) =>
    withOnlooker(url, session, tell, () => reindex(session, () => {}, new AbortController().signal)),
  );

test('who is in the way of a statement that waits is told, once', async () => {
  const told: string[] = [];
  let waiting: Promise<void> | undefined;
  await within(database.pool, async (slow) => {
    await slow.query(`SET application_name = 'a slow one'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1`);
    waiting = reindexed(database.url, (line) => told.push(line));
    await eventually(() => told.length > 0, { withinMs: 20_000 });
    await slow.query('COMMIT');
  });
  await waiting;
  expect(told).toEqual([
    expect.stringMatching(
      /^waiting for PostgreSQL process \d+ \(a slow one, idle in transaction, for \d+ s\)$/,
    ),
  ]);
});

test('without a second connection nothing is told, and all is done', async () => {
  const elsewhere = new URL(database.url);
  elsewhere.pathname = '/nowhere';
  const told: string[] = [];
  await reindexed(elsewhere.href, (line) => told.push(line));
  expect(told).toEqual([]);
});
