import { expect, test } from '@jest/globals';
import { createTestDatabase } from './database.ts';

test('a test database is migrated, and nobody else sees what happens in it', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await one.pool.query("INSERT INTO users (external_id, username) VALUES ('alice', 'alice')");

  expect((await one.pool.query('SELECT username FROM users')).rows).toEqual([{ username: 'alice' }]);
  expect((await other.pool.query('SELECT username FROM users')).rows).toEqual([]);
  await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
});

test('a connection that was taken from its pool and not given back fails the test', async () => {
  const database = await createTestDatabase();
  await database.pool.connect();

  await expect(database[Symbol.asyncDispose]()).rejects.toThrow('1 clients were taken');
});
