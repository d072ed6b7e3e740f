import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import type { UserId } from '../../../src/messaging/ids.ts';
import { poolExecutor } from '../../../src/storage/executor.ts';
import { inboxLog } from '../../../src/storage/inbox-log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createUsers } from '../../support/server.ts';
import { createTestPool } from '../../support/test-pool.ts';

let database: TestDatabase;
let pool: Pool;
let users: readonly number[];
beforeAll(async () => {
  database = await createTestDatabase();
  // One connection: what is counted is counted for each.
  pool = createTestPool(database.url, 1);
  users = await createUsers(database.pool, ...Array.from({ length: 20 }, (_, i) => `user-${i}`));
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT sender, receiver, 'text' FROM unnest($1::int[]) sender, unnest($1::int[]) receiver`,
    [users],
  );
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

/** How often PostgreSQL calls the function that tells the log's epoch: each call reads a file. */
async function epochsTold(during: (log: ReturnType<typeof inboxLog>) => Promise<unknown>): Promise<number> {
  await pool.query(`BEGIN; SET LOCAL track_functions = 'all'`);
  const before = await callsUntilNow();
  await during(inboxLog(poolExecutor(pool)));
  const calls = (await callsUntilNow()) - before;
  await pool.query('COMMIT');
  return calls;
}

async function callsUntilNow(): Promise<number> {
  const { rows } = await pool.query(
    `SELECT calls::int FROM pg_stat_xact_user_functions WHERE funcname = 'current_inbox_epoch'`,
  );
  return rows[0]?.calls ?? 0;
}

const everybody = () => users.map((id) => ({ userId: id as UserId, after: 0n }));

test('many logs are read, each to its end, with the epoch looked up once', async () => {
  const calls = await epochsTold(async (log) => {
    const pages = await log.read(everybody(), 100);
    expect(pages.map((page) => page?.changes.length)).toEqual(users.map(() => 2 * users.length - 1));
    expect(new Set(pages.map((page) => page?.epoch)).size).toBe(1);
  });
  expect(calls).toBe(1);
});

test('many logs that have moved are told with the epoch looked up once', async () => {
  const calls = await epochsTold(async (log) => {
    const { epoch, users: moved } = await log.moved(everybody());
    expect([moved.toSorted((a, b) => a - b), epoch.length]).toEqual([users.toSorted((a, b) => a - b), 12]);
  });
  expect(calls).toBe(1);
});
