import { expect, jest, test } from '@jest/globals';
import { findDrift } from '../../src/storage/migrations/drift.ts';
import { keepMonthsAhead } from '../../src/storage/scaling/partitioning/ahead.ts';
import { monthOf } from '../../src/storage/scaling/partitioning/months.ts';
import { onEmptyDatabase } from '../support/empty-database.ts';
import { createUsers } from '../support/server.ts';
import {
  allMessages,
  archiveBefore,
  bringBack,
  convertTo,
  MONTHS_OF_2024,
  writeHistoryOf2024,
} from './conversion.ts';
import {
  keepNames,
  keepNamesUntilKilled,
  rename,
  takeNamesOut,
  untilFilling,
  wrongNames,
} from './denormalization.ts';
import { databaseOfEachTest } from './each-test.ts';

// Slow, not late: each test gives a database several forms, and most of them to a second database, too.
jest.setTimeout(90_000);

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob');
  await writeHistoryOf2024(pool, people);
});

const partition = () => convertTo('partitioned', database.url, MONTHS_OF_2024);
const { signal } = new AbortController();

const expectNoDrift = () =>
  onEmptyDatabase(async (scratch) => {
    expect(await findDrift(scratch, database.url)).toEqual({ schema: [], database: [] });
  });

test('one table with names has no drift', async () => {
  await keepNames(database.url);
  await expectNoDrift();
});

test('partitions with names have no drift, whichever came first, and lose them as one table does', async () => {
  await keepNames(database.url);
  await partition();
  await expectNoDrift();
  await takeNamesOut(database.url);
  await expectNoDrift();
  await keepNames(database.url);
  await expectNoDrift();
  await convertTo('plain', database.url);
  await expectNoDrift();
  expect(await wrongNames(database.pool)).toEqual([]);
});

test('a filling that has not come to its end is reported, and so is a trigger that is gone', async () => {
  await untilFilling(database.url);
  await onEmptyDatabase(async (scratch) => {
    await database.pool.query('DROP TRIGGER z_usernames_inserted ON messages');
    expect((await findDrift(scratch, database.url)).database).toEqual([
      expect.stringMatching(/^- constraint messages\.messages_usernames: /),
      expect.stringMatching(/^- trigger messages\.z_usernames_inserted: /),
    ]);
  });
});

test('a check that has not come to its end is named to whoever wants partitions, with what to do', async () => {
  await keepNamesUntilKilled(database.url, (statement) => statement.includes('VALIDATE CONSTRAINT'));
  await expect(partition()).rejects.toThrow(
    'constraint messages_usernames is not validated: run npm run scale -- denormalize to its end, or with --revert.',
  );
});

test('a month made ahead keeps names, of what moves there and of what comes', async () => {
  await keepNames(database.url);
  await convertTo('partitioned', database.url, [monthOf(new Date())]);
  const next = `date_trunc('month', now(), 'UTC') + interval '1 month'`;
  const write = () =>
    database.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text, created_at) VALUES ($1, $2, 'ahead', ${next})`,
      people,
    );
  await write();
  await keepMonthsAhead(database.pool, database.url, signal);
  await write();
  await rename(database.pool, people[0], 'alicia');
  expect(await wrongNames(database.pool)).toEqual([]);
  await write();
  expect(await wrongNames(database.pool)).toEqual([]);
});

test('what comes back from the archive has the present names, whether it went there with some or without', async () => {
  await partition();
  const messages = await allMessages(database.pool);
  await archiveBefore(database.url, '2024-06');
  await keepNames(database.url);
  await archiveBefore(database.url, '2024-08');
  await rename(database.pool, people[0], 'alicia');
  expect(await wrongNames(database.pool)).toEqual([]);
  await bringBack(database.url);
  expect(await wrongNames(database.pool)).toEqual([]);
  expect(await allMessages(database.pool)).toEqual(messages);
  // The next one is of messages without names again.
  await archiveBefore(database.url, '2024-08');
  await takeNamesOut(database.url);
  await archiveBefore(database.url, '2024-09');
});
