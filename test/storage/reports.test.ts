import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Reports } from '../../src/messaging/ports.ts';
import { type ReportBounds, reports } from '../../src/storage/reports.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createTestPool } from '../support/test-pool.ts';

const BOUNDS: ReportBounds = { timeoutMs: 60_000, waitMs: 60_000 };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const ask = (made: Reports) => made.messages('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', 'day');
const unavailable = (message: RegExp) => ({ code: 'UNAVAILABLE', message: expect.stringMatching(message) });

/** Reports cannot read while `act` runs. */
async function withMessagesLocked(act: () => Promise<unknown>): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE messages');
    await act();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const running = (count: number) =>
  eventually(async () => (await waitingForLocks(database.pool)).length === count);

test('a report that takes too long is told so, and leaves its place to the next one', async () => {
  await using pool = createTestPool(database.url, 2);
  const made = reports(pool, null, { ...BOUNDS, timeoutMs: 300 });
  await withMessagesLocked(async () => {
    await expect(ask(made)).rejects.toMatchObject(unavailable(/took longer than 0.3 s/));
  });
  expect(await ask(made)).toEqual([]);
});

test('a report that waits for others in vain is told so, and leaves its place in the queue', async () => {
  await using pool = createTestPool(database.url, 4);
  const made = reports(pool, null, { ...BOUNDS, waitMs: 300 });
  let first: Promise<unknown> | undefined;
  await withMessagesLocked(async () => {
    first = ask(made);
    await running(1);
    await expect(ask(made)).rejects.toMatchObject(unavailable(/Other reports are running/));
    await running(1);
  });
  expect([await first, await ask(made)]).toEqual([[], []]);
});

test('reports leave a connection to everybody else, in the smallest pool too', async () => {
  await using pool = createTestPool(database.url, 2);
  const made = reports(pool, null, BOUNDS);
  let asked: Promise<unknown> | undefined;
  await withMessagesLocked(async () => {
    asked = Promise.all([ask(made), ask(made), ask(made)]);
    await running(1);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await running(1);
  });
  expect(await asked).toEqual([[], [], []]);
});

test('a report whose connection is lost is UNAVAILABLE, and leaves its place to the next one', async () => {
  await using pool = createTestPool(database.url, 2);
  const made = reports(pool, null, BOUNDS);
  await withMessagesLocked(async () => {
    const asked = expect(ask(made)).rejects.toMatchObject(unavailable(/cannot answer now/));
    await running(1);
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    await asked;
  });
  expect(await ask(made)).toEqual([]);
});
