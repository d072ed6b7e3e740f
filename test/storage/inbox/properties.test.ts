import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { listProblems, logProblems, NOTHING, takeSnapshot, witness } from '../../support/inbox-invariants.ts';
import { castUsers } from './cast.ts';

const USERS = 4;
const RUNS = 40;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());

const user = fc.integer({ min: 1, max: USERS });
/** Few moments, so that equal times are common. */
const moment = fc.integer({ min: 0, max: 3 }).map((n) => `'2026-01-0${n + 1}T00:00:00Z'::timestamptz`);
const text = fc.constantFrom(`'a'`, `'b'`, 'message_text');

const row = fc
  .tuple(user, user, moment, fc.boolean())
  .map(([sender, receiver, at, isRead]) => `(${sender}, ${receiver}, 'new', ${at}, ${isRead})`);

/** Which of the few messages a statement is about. */
const choice = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((n) => `id % 4 = ${n - 1}`),
  user.map((n) => `sender_id = ${n}`),
  user.map((n) => `receiver_id = ${n}`),
  fc.constantFrom('is_read', 'NOT is_read', 'true', 'sender_id = receiver_id'),
);

const otherPerson = (column: string) =>
  fc.oneof(user.map(String), fc.constantFrom('sender_id', 'receiver_id', `${column} % ${USERS} + 1`));

const assignments = fc
  .record(
    {
      sender_id: otherPerson('sender_id'),
      receiver_id: otherPerson('receiver_id'),
      message_text: text,
      full_text: fc.constantFrom('NULL', 'message_text', `'long ' || message_text`),
      created_at: fc.oneof(moment, fc.constant(`created_at + (id % 2) * interval '1 h'`)),
      is_read: fc.constantFrom('true', 'false', 'NOT is_read'),
      id: fc.constant(`nextval('messages_id_seq')`),
    },
    { requiredKeys: [] },
  )
  .filter((columns) => Object.keys(columns).length > 0)
  .map((columns) =>
    Object.entries(columns)
      .map(([column, value]) => `${column} = ${value}`)
      .join(', '),
  );

const statement = fc.oneof(
  { weight: 3, arbitrary: fc.array(row, { minLength: 1, maxLength: 6 }).map(insert) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(assignments, choice)
      .map(([set, where]) => `UPDATE messages SET ${set} WHERE ${where}`),
  },
  { weight: 2, arbitrary: choice.map((where) => `DELETE FROM messages WHERE ${where}`) },
);

function insert(rows: readonly string[]): string {
  return `INSERT INTO messages (sender_id, receiver_id, message_text, created_at, is_read) VALUES ${rows.join(', ')}`;
}

test('whatever statements come, the log tells exactly what each of them did', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 12 }), async (statements) => {
      await castUsers(database.pool, USERS);
      for (const sql of statements) await witness(database.pool, () => database.pool.query(sql));
      expect(logProblems(NOTHING, await takeSnapshot(database.pool), 'many statements')).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 60_000);

test('whatever statements come in transactions that end either way, logs and lists are right', async () => {
  const transaction = fc.tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 6 }), async (transactions) => {
      await castUsers(database.pool, USERS);
      await witness(
        database.pool,
        async () => {
          for (const [statements, commits] of transactions)
            await database.pool.query(['BEGIN', ...statements, commits ? 'COMMIT' : 'ROLLBACK'].join('; '));
        },
        'many statements',
      );
      expect(await listProblems(database.pool)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 60_000);
