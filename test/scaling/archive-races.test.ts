import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import {
  allMessages,
  archiveBefore,
  bringBack,
  convertTo,
  MONTHS_OF_2024,
  within,
  writeHistoryOf2024,
} from './conversion.ts';
import { databaseOfEachTest } from './each-test.ts';

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob', 'carol', 'dave');
  await writeHistoryOf2024(pool, people.slice(0, 2));
});
const doArchive = (before?: string) => archiveBefore(database.url, before);
const doRestore = () => bringBack(database.url);

test('bringing the archive back keeps nobody from users while somebody else reads them for long', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  await doArchive();
  await within(database.pool, async (dump) => {
    await dump.query('BEGIN; SELECT count(*) FROM users');
    const restoring = doRestore();
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0, { withinMs: 20_000 });
    await within(database.pool, async (reader) => {
      await reader.query(`SET lock_timeout = '1s'`);
      try {
        await reader.query('SELECT count(*) FROM users');
      } finally {
        await dump.query('COMMIT');
        await restoring;
      }
    });
  });
});

test('a column that came since does not keep the archive from coming back', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  const before = await allMessages(database.pool);
  await doArchive();
  await database.pool.query('ALTER TABLE messages ADD COLUMN extra text');
  await doRestore();
  expect(await allMessages(database.pool)).toEqual(before);
});

test('a message is moved to another partition while its month is archived', async () => {
  await convertTo('partitioned', database.url, MONTHS_OF_2024);
  await within(database.pool, async (w) => {
    await w.query(`BEGIN; UPDATE messages SET created_at = '2024-08-01Z' WHERE id = 2`);
    const a = doArchive();
    a.catch(() => {});
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0, { withinMs: 20_000 });
    await w.query('COMMIT');
    await a;
  });
  expect(await problemsIn(database.pool)).toEqual([]);
});
