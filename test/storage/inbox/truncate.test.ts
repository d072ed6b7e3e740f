import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { listProblems, logProblems, takeSnapshot, witness } from '../../support/inbox-invariants.ts';
import { castUsers, send } from './cast.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(async () => {
  await castUsers(database.pool);
  await send(database.pool, [1, 2], [2, 1], [1, 2], [3, 1]);
});

const run = (sql: string) => database.pool.query(sql);

async function epoch(): Promise<unknown> {
  const { rows } = await run('SELECT current_inbox_epoch() AS epoch');
  return rows[0]?.['epoch'];
}

test('TRUNCATE messages moves every head by one and leaves no event there, so that readers see a hole', async () => {
  const before = await takeSnapshot(database.pool);
  const epochBefore = await epoch();
  await run('TRUNCATE messages');
  const after = await takeSnapshot(database.pool);
  expect(after.events).toEqual([]);
  expect(after.heads).toEqual(new Map([...before.heads].map(([user, seq]) => [user, seq + 1])));
  expect(await listProblems(database.pool)).toEqual([]);
  expect(await epoch()).toBe(epochBefore);
});

test('after TRUNCATE messages the logs go on behind the hole', async () => {
  await run('TRUNCATE messages RESTART IDENTITY');
  await witness(database.pool, () => send(database.pool, [1, 2], [2, 3]));
});

test('TRUNCATE messages that is rolled back changes nothing', async () => {
  const before = await takeSnapshot(database.pool);
  await run('BEGIN; TRUNCATE messages; ROLLBACK');
  expect(await takeSnapshot(database.pool)).toEqual(before);
});

test.each(['TRUNCATE users CASCADE', 'TRUNCATE users RESTART IDENTITY CASCADE', 'TRUNCATE messages, users'])(
  '%s empties everything and begins another epoch',
  async (sql) => {
    await run(`INSERT INTO idempotency_keys (sender_id, key, input_hash, message_id) VALUES (1, 'k', '', 1)`);
    const before = await epoch();
    await run(sql);
    expect(await epoch()).not.toBe(before);
    for (const table of ['inbox_heads', 'inbox_events', 'conversations', 'idempotency_keys'])
      expect([table, (await run(`SELECT FROM ${table}`)).rowCount]).toEqual([table, 0]);
  },
);

test('logs begin at one again after TRUNCATE users', async () => {
  await castUsers(database.pool);
  const before = await takeSnapshot(database.pool);
  await send(database.pool, [1, 2]);
  const after = await takeSnapshot(database.pool);
  expect(after.heads).toEqual(
    new Map([
      [1, 1],
      [2, 1],
    ]),
  );
  expect(logProblems(before, after, 'one statement')).toEqual([]);
});
