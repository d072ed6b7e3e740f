import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { listProblems, logProblems, NOTHING, takeSnapshot, witness } from '../../support/inbox-invariants.ts';
import { statement, USERS } from '../../support/random-statements.ts';
import { castUsers } from './cast.ts';

const RUNS = 40;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());

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
