import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { type Form, formOf } from '../../src/storage/scaling/partitioning/state.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo, convertUntilKilled, writeHistory } from './conversion.ts';

// Slow, not late: a conversion is begun again after each of its statements.
jest.setTimeout(90_000);

let database: TestDatabase;
let people: number[];
beforeAll(async () => {
  database = await createTestDatabase();
  people = await createUsers(database.pool, 'alice', 'bob');
  await writeHistory(database.pool, people);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** After so many statements. */
function convertFor(statements: number, target: Form): Promise<'done' | 'killed'> {
  let left = statements;
  return convertUntilKilled(target, database.url, () => left-- <= 0);
}

/** One message more, one read, one changed, and one less: at every moment somebody writes. */
async function write(i: number): Promise<void> {
  const { rows } = await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     VALUES ($1, $2, $3, now() - random() * interval '50 days') RETURNING id`,
    [...people, `written in state ${i}`],
  );
  await database.pool.query(`UPDATE messages SET is_read = true WHERE id = $1`, [rows[0].id]);
  await database.pool.query(
    `UPDATE messages SET created_at = created_at - interval '31 days' WHERE id = (
       SELECT id FROM messages ORDER BY id LIMIT 1 OFFSET $1)`,
    [i % 20],
  );
  await database.pool.query(
    `DELETE FROM messages WHERE id = (SELECT id FROM messages ORDER BY id LIMIT 1 OFFSET 30)`,
  );
}

test.each(['partitioned', 'plain'] as const)(
  'killed after each statement on the way to %s, it goes on, and every message is there',
  async (target) => {
    let statements = 0;
    for (let outcome = 'killed'; outcome === 'killed'; statements++) {
      await write(statements);
      const before = await allMessages(database.pool);
      outcome = await convertFor(statements, target);
      expect(await allMessages(database.pool)).toEqual(before);
    }
    // The case means something: there were so many places to be killed in.
    expect(statements).toBeGreaterThan(20);
    expect(await formOf(database.pool)).toBe(target);
    expect(await problemsIn(database.pool)).toEqual([]);
  },
);

test('killed after any statement, it is undone by going the other way', async () => {
  const definitions = await readFingerprint(database.url);
  let statements = 0;
  // Every fifth, as each takes a whole conversion.
  for (let outcome = 'killed'; outcome === 'killed'; statements += 5) {
    outcome = await convertFor(statements, 'partitioned');
    await write(statements);
    const before = await allMessages(database.pool);
    await convertTo('plain', database.url);
    expect(await allMessages(database.pool)).toEqual(before);
    expect(await readFingerprint(database.url)).toEqual(definitions);
  }
  expect(statements).toBeGreaterThan(20);
  expect(await problemsIn(database.pool)).toEqual([]);
});
