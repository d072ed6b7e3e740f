import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { witness } from '../../support/inbox-invariants.ts';
import { brief, castUsers, send } from './cast.ts';

const LOCK_NOT_AVAILABLE = '55P03';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(async () => {
  await castUsers(database.pool);
  await send(database.pool, [1, 2], [2, 1], [1, 2], [3, 1], [3, 4], [4, 4]);
});

const run = async (sql: string) => brief(await witness(database.pool, () => database.pool.query(sql)));

/** In how many rows of which tables a user still is. */
async function traces(user: number): Promise<object> {
  const { rows } = await database.pool.query(
    `SELECT (SELECT count(*)::int FROM inbox_events WHERE user_id = $1) AS events,
      (SELECT count(*)::int FROM conversations WHERE $1 IN (user_id, peer_id)) AS conversations,
      (SELECT count(*)::int FROM idempotency_keys WHERE sender_id = $1) AS keys`,
    [user],
  );
  return rows[0] as object;
}
const NO_TRACE = { events: 0, conversations: 0, keys: 0 };

/** Where a user's log ends; `null` when it never began. */
async function headOf(user: number): Promise<number | null> {
  const { rows } = await database.pool.query('SELECT seq::int FROM inbox_heads WHERE user_id = $1', [user]);
  return rows[0]?.seq ?? null;
}

test('one message goes', async () => {
  expect(await run('DELETE FROM messages WHERE id = 1')).toEqual(['1: deleted 1', '2: deleted 1']);
});

test('the last message goes: the one before it is the last now', async () => {
  await run('DELETE FROM messages WHERE id = 3');
  const { rows } = await database.pool.query(
    'SELECT last_id::int, unread_count FROM conversations WHERE user_id = 2 AND peer_id = 1',
  );
  expect(rows).toEqual([{ last_id: 2, unread_count: 1 }]);
});

test('the only message goes, and its conversation with it', async () => {
  await run('DELETE FROM messages WHERE id IN (4, 6)');
  const { rows } = await database.pool.query(
    'SELECT user_id FROM conversations WHERE user_id = 4 AND peer_id = 4',
  );
  expect(rows).toEqual([]);
});

test('all messages go', async () => {
  await run('DELETE FROM messages');
  expect((await database.pool.query('SELECT FROM conversations')).rowCount).toBe(0);
});

test('a statement that deletes nothing tells nothing', async () => {
  expect(await run('DELETE FROM messages WHERE id = -1')).toEqual([]);
});

test('a user goes without a trace, and the others are told', async () => {
  await database.pool.query(
    `INSERT INTO idempotency_keys (sender_id, key, input_hash, message_id) VALUES (1, 'k', '', 1), (3, 'k', '', 4)`,
  );
  expect(await run('DELETE FROM users WHERE id = 1')).toEqual(['2: deleted 1,2,3', '3: deleted 4']);
  expect(await traces(1)).toEqual(NO_TRACE);
  expect(await traces(3)).toEqual({ events: 3, conversations: 2, keys: 1 });
});

test('a user who never wrote goes, too', async () => {
  expect(await run('DELETE FROM users WHERE id = 5')).toEqual([]);
});

test('several users go at once', async () => {
  expect(await run('DELETE FROM users WHERE id IN (1, 2, 4)')).toEqual(['3: deleted 4', '3: deleted 5']);
  for (const user of [1, 2, 4]) expect(await traces(user)).toEqual(NO_TRACE);
});

test('all users go', async () => {
  await run('DELETE FROM users');
  for (const user of [1, 2, 3, 4, 5]) expect(await traces(user)).toEqual(NO_TRACE);
});

test("a user's messages are locked by id, whatever order they lie in: so does every other writer", async () => {
  await database.pool.query('DELETE FROM messages');
  for (const id of [3, 2, 1])
    await database.pool.query(
      `INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES ($1, 1, 2, '')`,
      [id],
    );
  const isLocked = (id: number) =>
    database.pool.query('SELECT FROM messages WHERE id = $1 FOR UPDATE NOWAIT', [id]).then(
      () => false,
      (error: pg.DatabaseError) => error.code === LOCK_NOT_AVAILABLE,
    );
  const holder = await database.pool.connect();
  try {
    await holder.query('BEGIN; SELECT FROM messages WHERE id = 2 FOR UPDATE');
    const deletion = database.pool.query('DELETE FROM users WHERE id = 1');
    await eventually(() => isLocked(1));
    expect(await isLocked(3)).toBe(false);
    await holder.query('COMMIT');
    await deletion;
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
});

test('who is given the id that another user had does not find that log', async () => {
  await run('DELETE FROM messages');
  expect(await traces(1)).not.toEqual(NO_TRACE);
  await run('UPDATE users SET id = 100 WHERE id = 1');
  expect(await traces(1)).toEqual(NO_TRACE);
  await expect(run('UPDATE users SET id = 100 WHERE id = 1')).resolves.toEqual([]);
});

test('who is inserted under the id of a deleted user begins beyond a hole: no old cursor can go on from there', async () => {
  const end = (await headOf(1)) ?? 0;
  await run('DELETE FROM users WHERE id = 1');
  await database.pool.query("INSERT INTO users (id, external_id, username) VALUES (1, 'new', 'new')");
  await send(database.pool, [1, 2]);
  const { rows } = await database.pool.query('SELECT seq::int FROM inbox_events WHERE user_id = 1');
  expect(rows).toHaveLength(1);
  expect(rows[0].seq).toBeGreaterThan(end + 1);
});
