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
  // Message 3 is the last one between 1 and 2, message 4 is read, message 5 is to oneself.
  await send(database.pool, [1, 2], [2, 1], [1, 2], [1, 3], [4, 4]);
  await database.pool.query('UPDATE messages SET is_read = true WHERE id = 4');
});

const update = async (sql: string) =>
  brief(await witness(database.pool, () => database.pool.query(`UPDATE messages SET ${sql}`)));

test.each([
  ['read', 'is_read = true WHERE id = 1', ['1: read 1', '2: read 1']],
  ['back to unread', 'is_read = false WHERE id = 4', ['1: changed 4', '3: changed 4']],
  ['another text', `message_text = 'edited' WHERE id = 1`, ['1: changed 1', '2: changed 1']],
  [
    'another text and read at once',
    `message_text = 'edited', is_read = true WHERE id = 1`,
    ['1: changed 1', '1: read 1', '2: changed 1', '2: read 1'],
  ],
  [
    'another time',
    `created_at = created_at + interval '1 h' WHERE id = 1`,
    ['1: deleted 1', '1: sent 1', '2: deleted 1', '2: sent 1'],
  ],
  [
    'the last one earlier than all',
    `created_at = created_at - interval '1 h' WHERE id = 3`,
    ['1: deleted 3', '1: sent 3', '2: deleted 3', '2: sent 3'],
  ],
  ['another receiver', 'receiver_id = 5 WHERE id = 3', ['1: changed 3', '2: deleted 3', '5: sent 3']],
  ['another sender', 'sender_id = 5 WHERE id = 3', ['1: deleted 3', '2: changed 3', '5: sent 3']],
  [
    'other people altogether, and read',
    'sender_id = 3, receiver_id = 5, is_read = true WHERE id = 3',
    ['1: deleted 3', '2: deleted 3', '3: sent 3', '5: sent 3'],
  ],
  [
    'sender and receiver swapped',
    'sender_id = receiver_id, receiver_id = sender_id WHERE id = 1',
    ['1: changed 1', '2: changed 1'],
  ],
  [
    'swapped and read: the reader is the new receiver',
    'sender_id = receiver_id, receiver_id = sender_id, is_read = true WHERE id = 1',
    ['1: changed 1', '1: read 1', '2: changed 1', '2: read 1'],
  ],
  ['now to oneself', 'receiver_id = 1 WHERE id = 1', ['1: changed 1', '2: deleted 1']],
  ['no longer to oneself', 'receiver_id = 5 WHERE id = 5', ['4: changed 5', '5: sent 5']],
  ['the one to oneself read', 'is_read = true WHERE id = 5', ['4: read 5']],
  ['another id', 'id = 99 WHERE id = 1', ['1: deleted 1', '1: sent 99', '2: deleted 1', '2: sent 99']],
])('%s', async (_, sql, expected) => {
  expect(await update(sql)).toEqual(expected);
});

test.each([
  ['the same values', 'message_text = message_text, is_read = is_read, receiver_id = receiver_id'],
  ['no row', 'is_read = true WHERE false'],
  ['what is read already', 'is_read = true WHERE id = 4'],
])('%s: nothing is told', async (_, sql) => {
  expect(await update(sql)).toEqual([]);
});

test('of a long text, what changes only the end is told, and what changes only how it is kept is not', async () => {
  const changed = ['1: changed 1', '2: changed 1'];
  expect(await update(`full_text = message_text || ' and more' WHERE id = 1`)).toEqual(changed);
  expect(await update(`full_text = full_text || ' yet' WHERE id = 1`)).toEqual(changed);
  expect(await update(`message_text = full_text, full_text = NULL WHERE id = 1`)).toEqual([]);
  await update(`full_text = 'whole' WHERE id = 1`);
  expect(await update(`message_text = 'another' WHERE id = 1`)).toEqual(changed);
});

test('one read and one unread again in a statement: two events, though the count stays', async () => {
  await send(database.pool, [3, 1]);
  await update('is_read = true WHERE id = 2');
  expect(await update('is_read = NOT is_read WHERE receiver_id = 1')).toEqual([
    '1: changed 2',
    '1: read 6',
    '2: changed 2',
    '3: read 6',
  ]);
});

test('two messages exchange their ids and stay what they are', async () => {
  await database.pool.query(`UPDATE messages SET created_at = '2026-01-01Z' WHERE id <= 3`);
  const { rows } = await database.pool.query(
    `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint
     WHERE conrelid = 'messages'::regclass AND conname = 'messages_pkey'`,
  );
  await database.pool.query('ALTER TABLE messages DROP CONSTRAINT messages_pkey');
  try {
    expect(await update('id = 4 - id WHERE id IN (1, 3)')).toEqual(['1: changed 1,3', '2: changed 1,3']);
  } finally {
    await database.pool.query(`ALTER TABLE messages ADD CONSTRAINT messages_pkey ${rows[0].key}`);
  }
});

test('an event names at most a hundred messages, and one reader', async () => {
  await send(database.pool, ...Array.from({ length: 250 }, (): [number, number] => [1, 2]));
  await send(database.pool, [2, 1]);
  const events = await witness(database.pool, () =>
    database.pool.query('UPDATE messages SET is_read = true'),
  );
  const reads = events.filter(({ userId, kind }) => userId === 1 && kind === 'read');
  expect(reads.map(({ readerId, messages }) => [readerId, messages.length]).sort()).toEqual([
    [1, 2],
    [2, 100],
    [2, 100],
    [2, 52],
  ]);
});

test('everything changes at once', async () => {
  await update(`sender_id = 1 + receiver_id % 5, receiver_id = 1 + sender_id % 3, is_read = NOT is_read,
    message_text = message_text || '!', created_at = created_at + (id % 2) * interval '1 s'`);
});

test('a column that the inbox does not know may come, change and go while connections are open', async () => {
  await update('is_read = NOT is_read');
  await database.pool.query('ALTER TABLE messages ADD COLUMN user_id INT');
  try {
    expect(await update('user_id = 1')).toEqual([]);
    await update('is_read = NOT is_read');
  } finally {
    await database.pool.query('ALTER TABLE messages DROP COLUMN user_id');
  }
  await update('is_read = NOT is_read');
});
