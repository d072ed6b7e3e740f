import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { archive } from '../../src/storage/scaling/partitioning/archive.ts';
import type { Month } from '../../src/storage/scaling/partitioning/months.ts';
import { restore } from '../../src/storage/scaling/partitioning/restore.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo, MONTHS_OF_2024, within, writeHistoryOf2024 } from './conversion.ts';

let database: TestDatabase;
let people: number[];
beforeEach(async () => {
  database = await createTestDatabase();
  people = await createUsers(database.pool, 'alice', 'bob', 'carol', 'dave');
  await writeHistoryOf2024(database.pool, people.slice(0, 2));
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});
const NEVER = new AbortController().signal;
const doArchive = (before = '2024-06') =>
  withSession(database.url, async (s) => {
    await claimOrExplain(s);
    return archive(
      s,
      before as Month,
      () => {},
      () => {},
      NEVER,
    );
  });
const doRestore = () =>
  withSession(database.url, async (s) => {
    await claimOrExplain(s);
    return restore(
      s,
      () => {},
      () => {},
      NEVER,
    );
  });

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
