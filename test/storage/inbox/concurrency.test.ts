import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { witness } from '../../support/inbox-invariants.ts';
import { castUsers, send } from './cast.ts';

// Slow, not late: thousands of statements that wait for each other. A deadlock is an error, and not a wait.
jest.setTimeout(120_000);

const WRITERS = 16;
// More than a statement queues for one by one, so that bulk writers meet the others on the heads' rows alone.
const USERS = 24;
const PAGE = 7;
const FOREIGN_KEY_VIOLATION = '23503';

let database: TestDatabase;
let writers: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(() => castUsers(database.pool, USERS));

type Statement = () => [sql: string, values: unknown[]];

const below = (bound: number) => Math.floor(Math.random() * bound);
const someone = () => 1 + below(USERS);
const some = (count: number) => Array.from({ length: count }, someone);

const sendOne: Statement = () => [
  'INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)',
  [someone(), someone(), 'one'],
];
const sendToOne: Statement = () => [
  'INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, 1, $2)',
  [someone(), 'hot'],
];
const sendMany: Statement = () => [
  `INSERT INTO messages (sender_id, receiver_id, message_text)
   SELECT s, r, 'many' FROM unnest($1::int[], $2::int[]) pair (s, r)`,
  [some(40), some(40)],
];
const markRead: Statement = () => [
  `WITH due AS MATERIALIZED (
     SELECT id, created_at FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND NOT is_read
     ORDER BY id FOR NO KEY UPDATE)
   UPDATE messages m SET is_read = true FROM due WHERE m.id = due.id AND m.created_at = due.created_at`,
  [someone(), someone()],
];
const editSome: Statement = () => [
  `WITH due AS MATERIALIZED (
     SELECT id FROM messages WHERE id % 50 = $1 ORDER BY id FOR NO KEY UPDATE)
   UPDATE messages m SET message_text = message_text || '!' FROM due WHERE m.id = due.id`,
  [below(50)],
];
const editMost: Statement = () => [
  `WITH due AS MATERIALIZED (
     SELECT id FROM messages WHERE id % 3 <> $1 ORDER BY id FOR NO KEY UPDATE)
   UPDATE messages m SET message_text = message_text || '!' FROM due WHERE m.id = due.id`,
  [below(3)],
];
const deleteSome: Statement = () => [
  `WITH due AS MATERIALIZED (SELECT id FROM messages WHERE id % 97 = $1 ORDER BY id FOR UPDATE)
   DELETE FROM messages m USING due WHERE m.id = due.id`,
  [below(97)],
];
const deleteUser: Statement = () => ['DELETE FROM users WHERE id = $1', [2 + below(USERS - 1)]];
const provisionUser: Statement = () => [
  `INSERT INTO users (id, external_id, username) VALUES ($1, gen_random_uuid(), gen_random_uuid())
   ON CONFLICT DO NOTHING`,
  [someone()],
];

/** Runs `count` statements on `WRITERS` connections and gives the SQLSTATEs of those that failed. */
async function storm(count: number, kinds: readonly Statement[]): Promise<string[]> {
  writers = new pg.Pool({ connectionString: database.url, max: WRITERS });
  const failures: string[] = [];
  try {
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const [sql, values] = (kinds[i % kinds.length] as Statement)();
        await writers
          .query(sql, values)
          .catch((error: pg.DatabaseError) => failures.push(String(error.code)));
      }),
    );
  } finally {
    // A connection that ends hands in its statistics.
    await writers.end();
  }
  return failures;
}

async function deadlocks(): Promise<number> {
  const { rows } = await database.pool.query(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.['deadlocks'];
}

describe('single statements of many connections', () => {
  test.each<[string, number, Statement[]]>([
    ['sends', 1500, [sendOne, sendOne, sendMany]],
    ['sends to one hot user', 1500, [sendToOne]],
    [
      'sends, reads, edits and deletions',
      1500,
      [sendOne, markRead, sendMany, markRead, editSome, deleteSome],
    ],
  ])('%s: no deadlock, no error, and logs and lists are right', async (_, count, kinds) => {
    await send(database.pool, [1, 2]);
    await witness(
      database.pool,
      async () => expect(await storm(count, kinds)).toEqual([]),
      'many statements',
    );
    expect(await deadlocks()).toBe(0);
  });

  test('with users coming and going: only what names a user who is gone fails', async () => {
    const kinds = [sendMany, deleteUser, editMost, markRead, sendMany, provisionUser, editMost, deleteSome];
    await witness(
      database.pool,
      async () => {
        const failures = new Set(await storm(1500, kinds));
        failures.delete(FOREIGN_KEY_VIOLATION);
        expect([...failures]).toEqual([]);
      },
      'many statements',
    );
    expect(await deadlocks()).toBe(0);
  });
});

test('a reader sees every event once, in order and without a hole, while many commit', async () => {
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  let last = 0;
  let polls = 0;
  const poll = async () => {
    const { rows } = await reader.query<{ head: number; seq: number | null }>(
      `SELECT h.seq::int AS head, e.seq::int FROM inbox_heads h
       LEFT JOIN LATERAL (SELECT seq FROM inbox_events
         WHERE user_id = h.user_id AND seq > $1 ORDER BY seq LIMIT $2) e ON true
       WHERE h.user_id = 1 ORDER BY e.seq`,
      [last, PAGE],
    );
    polls += 1;
    const page = rows.flatMap(({ seq }) => (seq === null ? [] : [seq]));
    const head = rows[0]?.head ?? 0;
    const expected = Math.min(PAGE, head - last);
    expect(page).toEqual(Array.from({ length: expected }, (_, i) => last + 1 + i));
    last += expected;
    return last === head;
  };
  try {
    let busy = true;
    const kinds = [sendToOne, sendOne, markRead, sendMany, editSome, deleteSome];
    const writing = storm(1500, kinds).finally(() => {
      busy = false;
    });
    while (busy) await poll();
    expect(await writing).toEqual([]);
    while (!(await poll())) {}
    expect(last).toBeGreaterThan(0);
    expect(polls).toBeGreaterThan(100);
  } finally {
    await reader.end();
  }
});
