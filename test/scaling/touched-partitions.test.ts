import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { messageId, type Position, type UserId } from '../../src/messaging/ids.ts';
import type { MessageReader } from '../../src/messaging/ports.ts';
import { connectionExecutor } from '../../src/storage/executor.ts';
import { normalizedReader } from '../../src/storage/readers/normalized.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createUsers } from '../support/server.ts';
import { createTestPool } from '../support/test-pool.ts';
import { convertTo } from './conversion.ts';

const MONTHS = Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`);

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
let client: pg.PoolClient;
let reader: MessageReader;
let [alice, bob] = [] as unknown as [UserId, UserId];
beforeAll(async () => {
  database = await createTestDatabase();
  await convertTo('partitioned', database.url, MONTHS);
  [alice, bob] = (await createUsers(database.pool, 'alice', 'bob')) as [UserId, UserId];
  // Twenty in each month up to October.
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT CASE i % 2 WHEN 0 THEN $1::int ELSE $2 END, CASE i % 2 WHEN 0 THEN $2::int ELSE $1 END, 'text',
       month + i * interval '1 day'
     FROM generate_series('2026-01-01Z'::timestamptz, '2026-10-01Z', '1 month') month, generate_series(1, 20) i`,
    [alice, bob],
  );
  await database.pool.query('VACUUM (ANALYZE) messages');
  pool = createTestPool(database.url, 2);
  client = await pool.connect();
  reader = normalizedReader(connectionExecutor(client));
});
afterAll(async () => {
  client.release();
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** The partitions in which `act` has searched any index, or that it has read. */
async function touchedBy(act: () => Promise<unknown>): Promise<string[]> {
  // Planned before, as a plan looks at no rows but takes its time.
  await act();
  const before = await scans();
  await act();
  const after = await scans();
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

async function scans(): Promise<Record<string, string>> {
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query(
    `SELECT relname AS name, concat(seq_scan, '/', idx_scan) AS scans FROM pg_stat_user_tables
     WHERE relname LIKE 'messages\\_%' ORDER BY relname`,
  );
  return Object.fromEntries(rows.map(({ name, scans: count }) => [name, count]));
}

async function positionIn(month: string): Promise<Position> {
  const { rows } = await client.query(
    `SELECT id::text AS number, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt"
     FROM messages WHERE date_trunc('month', created_at, 'UTC') = $1::timestamptz ORDER BY created_at LIMIT 1 OFFSET 9`,
    [`${month}-01Z`],
  );
  return rows[0];
}

const page = (request: Partial<Parameters<MessageReader['messagePage']>[2]>) => () =>
  reader.messagePage(alice, bob, { direction: 'forward', limit: 5, after: null, before: null, ...request });

test('a lookup by id touches the partition of that message', async () => {
  const id = messageId(await positionIn('2026-04'));
  expect((await reader.messages(alice, [id]))[0]).not.toBeNull();
  expect(await touchedBy(() => reader.messages(alice, [id]))).toEqual(['messages_2026_04']);
});

test('the newest page touches what is newer than its messages, and nothing older', async () => {
  expect(await touchedBy(page({}))).toEqual([
    'messages_2026_10',
    'messages_2026_11',
    'messages_2026_12',
    'messages_future',
  ]);
});

test('a page after a cursor touches nothing that is newer than that', async () => {
  const after = await positionIn('2026-06');
  const touched = await touchedBy(page({ after }));
  // From the cursor on, too: whether anything is newer than the page.
  expect(touched).toEqual(['messages_2026_06']);
});

test('a page before a cursor touches nothing that is older than that', async () => {
  const before = await positionIn('2026-06');
  expect(await touchedBy(page({ before, direction: 'backward' }))).toEqual(['messages_2026_06']);
});

test('a conversation with its last message touches the partition of that', async () => {
  expect(await touchedBy(() => reader.conversationStates(alice, [bob]))).toEqual(['messages_2026_10']);
  expect(
    await touchedBy(() =>
      reader.conversationPage(alice, { direction: 'forward', limit: 5, after: null, before: null }),
    ),
  ).toEqual(['messages_2026_10']);
});
