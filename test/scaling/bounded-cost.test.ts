import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import { readGrowth } from '../../src/storage/scaling/growth.ts';
import { countMessages } from '../../src/storage/scaling/message-count.ts';
import { readOnly } from '../../src/storage/scaling/read-only.ts';
import { readMessagesTable } from '../../src/storage/scaling/relations.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const LARGE_BYTES = 2 ** 30;

let database: TestDatabase;
let client: PoolClient;

beforeEach(async () => {
  database = await createTestDatabase();
  client = await database.pool.connect();
  // Only what is looked at here, as triggers and indexes would take most of the time.
  await client.query(`
    DROP TABLE messages;
    CREATE TABLE messages (created_at TIMESTAMPTZ NOT NULL);`);
});
afterEach(async () => {
  client.release();
  await database[Symbol.asyncDispose]();
});

/** So many, as far apart as given, the last one now. */
async function insert(count: number, apart: string): Promise<void> {
  await client.query(
    `INSERT INTO messages SELECT now() - i * $2::interval FROM generate_series(0, $1 - 1) i`,
    [count, apart],
  );
  await client.query('CREATE INDEX IF NOT EXISTS idx_messages_created ON messages (created_at)');
}

/** What PostgreSQL has read of the table since the last time. */
async function readMeanwhile() {
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query(`
    SELECT seq_scan::int AS scans, (seq_tup_read + idx_tup_fetch)::int AS fetched, (
      SELECT sum(idx_tup_read)::int FROM pg_stat_user_indexes WHERE relname = 'messages') AS entries
    FROM pg_stat_user_tables WHERE relname = 'messages'`);
  await client.query("SELECT pg_stat_reset_single_table_counters('messages'::regclass)");
  return rows[0];
}

test('half a million messages of one day are counted along the index, and the rest is not', async () => {
  await insert(600_000, '0.1 second');
  await readMeanwhile();
  const growth = await readOnly(client, readGrowth);
  expect(growth).toEqual({ messagesPerDay: 500_000, days: 1, atLeast: true });
  expect(await readMeanwhile()).toMatchObject({ scans: 0, entries: 500_000 });
});

test('half a million of two days are so many in two days', async () => {
  await insert(600_000, '0.3456 second');
  expect(await readOnly(client, readGrowth)).toEqual({
    messagesPerDay: expect.closeTo(250_000, -3),
    days: expect.closeTo(2, 2),
    atLeast: false,
  });
});

/** The number of messages, as of a table that is large. */
const count = () =>
  readOnly(client, async (ask) =>
    countMessages(ask, { ...(await readMessagesTable(ask)), heapBytes: LARGE_BYTES }),
  );

test('a large table is estimated from statistics, and not read', async () => {
  await insert(40_000, '1 second');
  expect(await count()).toMatchObject({ certainty: 'guessed' });
  await client.query('ANALYZE messages');
  await readMeanwhile();
  expect(await count()).toEqual({ count: 40_000, certainty: 'estimated' });
  expect(await readMeanwhile()).toMatchObject({ scans: 0, fetched: 0 });

  // As the table grows, so does the estimate, until statistics are new.
  await insert(40_000, '1 second');
  expect((await count()).count / 80_000).toBeCloseTo(1, 1);
});

test('a large partitioned table is estimated from the statistics of its partitions', async () => {
  await client.query(`
    ALTER TABLE messages RENAME TO messages_default;
    CREATE TABLE messages (LIKE messages_default) PARTITION BY RANGE (created_at);
    ALTER TABLE messages ATTACH PARTITION messages_default DEFAULT`);
  await insert(40_000, '1 second');
  expect(await count()).toMatchObject({ certainty: 'guessed' });
  // As autovacuum does, which never looks at the whole.
  await client.query('ANALYZE messages_default');
  expect(await count()).toEqual({ count: 40_000, certainty: 'estimated' });
  expect((await readOnly(client, readMessagesTable)).neverAnalyzed).toEqual(['messages']);
  await client.query('ANALYZE messages');
  expect((await readOnly(client, readMessagesTable)).neverAnalyzed).toEqual([]);
});

test('nothing can be changed', async () => {
  await expect(readOnly(client, (ask) => ask('DELETE FROM messages'))).rejects.toThrow(
    'read-only transaction',
  );
  // The transaction is over all the same.
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
