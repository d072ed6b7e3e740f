import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { witness } from '../../support/inbox-invariants.ts';
import { brief, castUsers, send } from './cast.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(async () => {
  await castUsers(database.pool);
  await send(database.pool, [1, 2], [2, 1], [1, 2], [3, 1]);
});

const run = async (sql: string) => brief(await witness(database.pool, () => database.pool.query(sql)));
const INSERT = `INSERT INTO messages (id, sender_id, receiver_id, message_text, is_read)`;

test('ON CONFLICT DO NOTHING tells only what it inserted', async () => {
  expect(
    await run(`${INSERT} VALUES (1, 1, 2, 'there', true), (50, 4, 5, 'new', false) ON CONFLICT DO NOTHING`),
  ).toEqual(['4: sent 50', '5: sent 50']);
});

test('ON CONFLICT DO UPDATE tells both', async () => {
  expect(
    await run(`${INSERT} VALUES (1, 1, 2, 'other', true), (50, 1, 2, 'new', false)
      ON CONFLICT (id) DO UPDATE SET message_text = excluded.message_text, is_read = excluded.is_read`),
  ).toEqual([1, 2].flatMap((user) => [`${user}: changed 1`, `${user}: read 1`, `${user}: sent 50`]));
});

test('ON CONFLICT DO UPDATE moves the only message out of a conversation while another one enters it', async () => {
  await run(`${INSERT} VALUES (4, 1, 5, 'moved', false), (50, 3, 1, 'new', false)
    ON CONFLICT (id) DO UPDATE SET sender_id = excluded.sender_id, receiver_id = excluded.receiver_id`);
});

test('MERGE inserts, updates and deletes at once', async () => {
  await run(`MERGE INTO messages m
    USING (VALUES (1, 1, 2, 'edited'), (2, 2, 1, NULL), (50, 3, 4, 'new')) s (id, sender_id, receiver_id, message_text)
    ON m.id = s.id
    WHEN MATCHED AND s.message_text IS NULL THEN DELETE
    WHEN MATCHED THEN UPDATE SET message_text = s.message_text, is_read = true
    WHEN NOT MATCHED THEN INSERT (id, sender_id, receiver_id, message_text)
      VALUES (s.id, s.sender_id, s.receiver_id, s.message_text)`);
});

test('MERGE that does nothing tells nothing', async () => {
  expect(
    await run('MERGE INTO messages m USING (SELECT 1 AS id) s ON m.id = s.id WHEN MATCHED THEN DO NOTHING'),
  ).toEqual([]);
});

test('one statement deletes messages and sends them again to somebody else', async () => {
  await run(`WITH gone AS (DELETE FROM messages WHERE receiver_id = 1 RETURNING *)
    ${INSERT} SELECT id, sender_id, 5, message_text, is_read FROM gone`);
});

test('one statement deletes a message and inserts it again as it was', async () => {
  await run(`WITH gone AS (DELETE FROM messages WHERE id = 3 RETURNING *)
    INSERT INTO messages SELECT * FROM gone`);
});

test('one statement empties a conversation and begins it anew', async () => {
  await run(`WITH gone AS (DELETE FROM messages WHERE id = 4), read AS (UPDATE messages SET is_read = true WHERE id < 3)
    ${INSERT} VALUES (50, 1, 3, 'anew', false)`);
});

test('what a function that a query calls writes is told, too', async () => {
  await database.pool.query(`CREATE FUNCTION reply() RETURNS void LANGUAGE sql AS $$
    INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES (60, 2, 1, 'reply');
    UPDATE messages SET is_read = true WHERE id = 60 $$`);
  try {
    await witness(database.pool, () => database.pool.query('SELECT reply()'), 'many statements');
  } finally {
    await database.pool.query('DROP FUNCTION reply');
  }
});
