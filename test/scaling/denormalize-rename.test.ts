import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn, takeSnapshot } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import { convertTo, untilCopying, within, writeHistory } from './conversion.ts';
import { keepNames, rename, takeNamesOut, untilFilling, wrongNames } from './denormalization.ts';

// Slow, not late: some of these tests fill and empty a table again and again.
jest.setTimeout(60_000);

let database: TestDatabase;
let pool: Pool;
let people: number[];
beforeEach(async () => {
  database = await createTestDatabase();
  pool = database.pool;
  people = await createUsers(pool, 'alice', 'bob', 'carol', 'dave');
  await writeHistory(pool, people.slice(0, 2));
  await writeHistory(pool, people.slice(2, 4));
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const INSERT = `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, 'text')`;
const someoneWaits = () => eventually(async () => (await waitingForLocks(pool)).length > 0);

test('a rename is in all messages when it commits, in none when it does not, and nobody hears of it', async () => {
  await keepNames(database.url);
  const before = await takeSnapshot(pool);
  await within(pool, async (client) => {
    await client.query('BEGIN');
    await rename(client, people[0], 'alicia');
    expect(await wrongNames(client)).toEqual([]);
    await client.query('ROLLBACK');
  });
  expect(await wrongNames(pool)).toEqual([]);
  await pool.query(`UPDATE users SET username = 'new ' || username`);
  expect(await wrongNames(pool)).toEqual([]);
  const { rows } = await pool.query(
    'SELECT DISTINCT sender_username, receiver_username FROM messages ORDER BY 1',
  );
  expect(rows).toEqual([
    { sender_username: 'new alice', receiver_username: 'new bob' },
    { sender_username: 'new carol', receiver_username: 'new dave' },
  ]);
  expect(await takeSnapshot(pool)).toEqual(before);
});

test('a message that is sent while a rename has not committed gets the new name', async () => {
  await keepNames(database.url);
  let sent: Promise<unknown> | undefined;
  await within(pool, async (renaming) => {
    await renaming.query('BEGIN');
    await rename(renaming, people[1], 'bobby');
    sent = pool.query(INSERT, people.slice(0, 2));
    await someoneWaits();
    await renaming.query('COMMIT');
  });
  await sent;
  expect(await wrongNames(pool)).toEqual([]);
});

test('a rename waits for a message that is being sent, and changes it', async () => {
  await keepNames(database.url);
  let renamed: Promise<unknown> | undefined;
  await within(pool, async (sending) => {
    await sending.query('BEGIN');
    await sending.query(INSERT, people.slice(0, 2));
    renamed = rename(pool, people[1], 'bobby');
    await someoneWaits();
    await sending.query('COMMIT');
  });
  await renamed;
  expect(await wrongNames(pool)).toEqual([]);
});

test('a message whose people change while one of them is renamed has the new names', async () => {
  await keepNames(database.url);
  let changed: Promise<unknown> | undefined;
  await within(pool, async (renaming) => {
    await renaming.query('BEGIN');
    await rename(renaming, people[2], 'caroline');
    changed = pool.query('UPDATE messages SET sender_id = $1 WHERE id = 1', [people[2]]);
    await someoneWaits();
    await renaming.query('COMMIT');
  });
  await changed;
  expect(await wrongNames(pool)).toEqual([]);
});

test('the filling makes way for a rename that has not committed, and writes the new name', async () => {
  await untilFilling(database.url);
  let filled: Promise<unknown> | undefined;
  await within(pool, async (renaming) => {
    await renaming.query('BEGIN');
    await rename(renaming, people[0], 'alicia');
    filled = keepNames(database.url);
    await someoneWaits();
    // It holds nobody up meanwhile.
    await pool.query('UPDATE messages SET is_read = true WHERE sender_id = $1', [people[2]]);
    await renaming.query('COMMIT');
  });
  await filled;
  expect(await wrongNames(pool)).toEqual([]);
});

describe('a rename in a transaction that keeps its snapshot', () => {
  const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM messages';

  test('is done where nothing came between', async () => {
    await keepNames(database.url);
    await within(pool, async (client) => {
      await client.query(BEGIN);
      await rename(client, people[0], 'alicia');
      await client.query('COMMIT');
    });
    expect(await wrongNames(pool)).toEqual([]);
    expect(await problemsIn(pool)).toEqual([]);
  });

  test.each(['of many', 'the first'])(
    'fails as in a conflict when it cannot see a message, %s of its user, and is done when it is tried again',
    async (which) => {
      await keepNames(database.url);
      const [newcomer] = which === 'the first' ? await createUsers(pool, 'erin') : people;
      await within(pool, async (client) => {
        await client.query(BEGIN);
        await pool.query(INSERT, [newcomer, people[1]]);
        await expect(rename(client, newcomer, 'other')).rejects.toMatchObject({ code: '40001' });
        await client.query(`ROLLBACK; ${BEGIN}`);
        await rename(client, newcomer, 'other');
        await client.query('COMMIT');
      });
      expect(await wrongNames(pool)).toEqual([]);
      expect(await problemsIn(pool)).toEqual([]);
    },
  );

  test('and one that inserts: a message never has the name of its snapshot', async () => {
    await keepNames(database.url);
    await within(pool, async (client) => {
      await client.query(BEGIN);
      await rename(pool, people[0], 'alicia');
      await expect(client.query(INSERT, people.slice(0, 2))).rejects.toMatchObject({ code: '40001' });
    });
  });
});

test('names follow while the table is being copied to partitions, and back', async () => {
  await keepNames(database.url);
  for (const target of ['partitioned', 'plain'] as const) {
    await untilCopying(target, database.url);
    await rename(pool, people[0], `alice, before ${target}`);
    await pool.query(INSERT, people.slice(0, 2));
    await convertTo(target, database.url);
    expect(await wrongNames(pool)).toEqual([]);
    await rename(pool, people[1], `bob, after ${target}`);
    await pool.query(INSERT, people.slice(0, 2));
    expect(await wrongNames(pool)).toEqual([]);
  }
});

/** So that a machine with two processors gets around to filling, too. */
const PAUSE_MS = 10;

/**
 * Each as a program of its own would do it, in one statement. No rename of two users at once: without names the foreign keys
 * lock them in no order.
 */
const WRITES: readonly ((round: number, one: number, two: number) => [string, unknown[]])[] = [
  (round, one) => ['UPDATE users SET username = $2 WHERE id = $1', [one, `${one} in ${round}`]],
  (_, one, two) => [INSERT, [one, two]],
  (_, one, two) => [
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'bulk ' || i, now() - random() * interval '90 days' FROM generate_series(1, 10) i`,
    [one, two],
  ],
  // As the server marks as read.
  (_, one, two) => [
    `WITH due AS MATERIALIZED (
       SELECT id, created_at FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND NOT is_read ORDER BY id FOR NO KEY UPDATE
     ) UPDATE messages m SET is_read = true FROM due
     WHERE m.id = due.id AND m.created_at BETWEEN due.created_at AND due.created_at AND NOT m.is_read`,
    [one, two],
  ],
  (_, one, two) => [
    `WITH due AS MATERIALIZED (
       SELECT id, created_at FROM messages WHERE sender_id = $1 AND receiver_id = $2 AND message_text LIKE 'bulk%'
       ORDER BY id LIMIT 15 FOR UPDATE
     ) DELETE FROM messages m USING due
     WHERE m.id = due.id AND m.created_at BETWEEN due.created_at AND due.created_at`,
    [one, two],
  ],
];

test.each([
  ['plain', 'READ COMMITTED'],
  ['partitioned', 'READ COMMITTED'],
  ['plain', 'REPEATABLE READ'],
])(
  'in a %s table and with %s renames, sends, deletions and fillings at once leave no name wrong, and none deadlocks',
  async (form, isolation) => {
    if (form === 'partitioned') await convertTo('partitioned', database.url);
    await keepNames(database.url);
    const failures: unknown[] = [];
    let going = true;
    let done = 0;
    async function keepWriting(write: (typeof WRITES)[number], step: number) {
      await within(pool, async (client) => {
        await client.query(`SET default_transaction_isolation = '${isolation}'`);
        for (let round = 0; going; round++) {
          const [one, two] = [0, 1].map((i) => people[(round * step + i) % people.length]) as [
            number,
            number,
          ];
          await client.query(...write(round, Math.min(one, two), Math.max(one, two))).catch((error) => {
            if (error.code !== '40001' || isolation === 'READ COMMITTED')
              failures.push(`${error.message} ${error.detail} ${error.where}`);
          });
          done++;
          await delay(PAUSE_MS);
        }
        await client.query('RESET default_transaction_isolation');
      });
    }
    const writing = Promise.all(WRITES.map((write, i) => keepWriting(write, i + 1)));
    try {
      for (let round = 0; round < 5; round++) {
        await takeNamesOut(database.url);
        const [leaving] = await createUsers(pool, `leaving ${round}`);
        await pool.query(INSERT, [leaving, people[0]]);
        const filled = keepNames(database.url);
        const left = pool.query('DELETE FROM users WHERE id = $1', [leaving]);
        await Promise.all([filled, left]);
        expect(await wrongNames(pool)).toEqual([]);
      }
    } finally {
      going = false;
      await writing;
    }
    expect(failures).toEqual([]);
    expect(await wrongNames(pool)).toEqual([]);
    expect(await problemsIn(pool)).toEqual([]);
    // The case means something.
    expect(done).toBeGreaterThan(75);
  },
);
