import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { endAll } from '../support/operator.ts';
import { createUsers } from '../support/server.ts';
import { rehearse } from './rehearse.ts';

// Slow, not late: servers and commands are started, and most of these killed.
jest.setTimeout(120_000);

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  folder = await freshDirectory();
  database = await createTestDatabase();
  const people = await createUsers(database.pool, 'alice', 'bob');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, now() - i * interval '15 minutes' FROM generate_series(1, 10000) i`,
    people,
  );
});
afterAll(async () => {
  await endAll();
  await database[Symbol.asyncDispose]();
  await sweep();
});

test.each(['partitioned', 'plain'] as const)(
  'to %s with kill -9 in each step: not one operation fails, and every device is given every event once',
  async (target) => {
    const steps = ['make', 'copy', 'compare', 'swap', 'drop'] as const;
    const { failures, wrong, operations, events, said } = await rehearse(target, database, folder, steps);
    expect(failures).toEqual([]);
    expect(wrong).toEqual([]);
    expect(await problemsIn(database.pool)).toEqual([]);
    expect(said).toMatch(
      /^messages (has a partition for each month|is one table) now\. Nobody had to wait for it longer/,
    );
    // The case means something.
    expect(operations).toBeGreaterThan(600);
    expect(events).toBeGreaterThan(600);
  },
);
