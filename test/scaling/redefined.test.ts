import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { archive } from '../../src/storage/scaling/partitioning/archive.ts';
import type { Month } from '../../src/storage/scaling/partitioning/months.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import { convertTo, untilCopying, untilSwap, within, writeHistoryOf2024 } from './conversion.ts';

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

/** One line, with what to do about it. */
const CHANGED = /the definition of messages has been changed since this was begun: undo it/;

test('an index made meanwhile is not lost', async () => {
  await untilSwap('partitioned', database.url);
  await database.pool.query('CREATE INDEX mine ON messages (is_read)');
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(CHANGED);
  expect(
    (
      await database.pool.query(
        `SELECT count(*)::int FROM pg_index WHERE indrelid = 'messages'::regclass AND indexrelid::regclass::text ~ 'mine'`,
      )
    ).rows[0].count,
  ).toBe(1);
});

test('a column made meanwhile is not lost', async () => {
  await untilSwap('partitioned', database.url);
  await database.pool.query(`ALTER TABLE messages ADD COLUMN extra text DEFAULT 'kept'`);
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(CHANGED);
  expect((await database.pool.query(`SELECT extra FROM messages LIMIT 1`)).rows).toEqual([{ extra: 'kept' }]);
});

test('what was revoked meanwhile stays revoked', async () => {
  await database.pool.query(
    `DO $$ BEGIN CREATE ROLE spy; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT SELECT ON messages TO spy`,
  );
  await untilSwap('partitioned', database.url);
  await database.pool.query(`REVOKE SELECT ON messages FROM spy`);
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(CHANGED);
  expect(
    (await database.pool.query(`SELECT has_table_privilege('spy', 'messages', 'SELECT') AS may`)).rows[0].may,
  ).toBe(false);
});

test('default privileges that came later give nobody the old messages', async () => {
  await database.pool.query(
    `DO $$ BEGIN CREATE ROLE spy2; EXCEPTION WHEN duplicate_object THEN NULL; END $$; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO spy2`,
  );
  expect(
    (await database.pool.query(`SELECT has_table_privilege('spy2', 'messages', 'SELECT') AS may`)).rows[0]
      .may,
  ).toBe(false);
  await convertTo('partitioned', database.url);
  const { rows } = await database.pool.query(
    `SELECT oid::regclass::text AS t FROM pg_class WHERE relname LIKE 'messages%' AND relkind IN ('r','p') AND has_table_privilege('spy2', oid, 'SELECT')`,
  );
  await doArchive();
  const { rows: kept } = await database.pool.query(
    `SELECT oid::regclass::text AS t FROM pg_class WHERE relnamespace = 'parley_archive'::regnamespace AND relkind IN ('r','p') AND has_table_privilege('spy2', oid, 'SELECT')`,
  );
  expect([...rows, ...kept]).toEqual([]);
});

test('a sequence beyond INT is refused before anything is changed', async () => {
  await convertTo('partitioned', database.url);
  await database.pool.query(`SELECT setval('messages_id_seq', 3000000000)`);
  const before = await readFingerprint(database.url);
  await expect(convertTo('plain', database.url)).rejects.toThrow(/Nothing was changed/);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('an id below INT is refused before anything is changed', async () => {
  await convertTo('partitioned', database.url);
  await database.pool.query(
    `INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES (-3000000000, $1, $2, 'x')`,
    people.slice(0, 2),
  );
  const before = await readFingerprint(database.url);
  await expect(convertTo('plain', database.url)).rejects.toThrow(/Nothing was changed/);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('a table with the name of a partition is refused before anything is changed', async () => {
  await database.pool.query('CREATE TABLE messages_2024_05 (x int)');
  const before = await readFingerprint(database.url);
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(/Nothing was changed/);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('an id from an identity is refused before anything is changed, or kept', async () => {
  await database.pool.query(
    `ALTER TABLE messages ALTER id DROP DEFAULT; DROP SEQUENCE messages_id_seq; ALTER TABLE messages ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (START 1000)`,
  );
  const before = await readFingerprint(database.url);
  await expect(convertTo('partitioned', database.url)).rejects.toThrow(/Nothing was changed/);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('a database whose transactions are repeatable read by default', async () => {
  await database.pool.query(
    `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET default_transaction_isolation = 'repeatable read'`,
  );
  await untilCopying('partitioned', database.url);
  await within(database.pool, async (w) => {
    await w.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED; UPDATE messages SET created_at = created_at + interval '1 day' WHERE id = 3`,
    );
    const converting = convertTo('partitioned', database.url);
    converting.catch(() => {});
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0);
    await w.query('COMMIT');
    await converting;
  });
});
