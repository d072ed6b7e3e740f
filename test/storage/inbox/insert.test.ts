import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { witness } from '../../support/inbox-invariants.ts';
import { brief, castUsers } from './cast.ts';

const CHECK_VIOLATION = '23514';
const BULK = 10_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(() => castUsers(database.pool));

const insert = (sql: string, values: unknown[] = []) =>
  witness(database.pool, () =>
    database.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text, created_at) ${sql}`,
      values,
    ),
  );

test('a message is one event for its sender and one for its receiver, and unread for the receiver alone', async () => {
  const events = await insert(`VALUES (1, 2, 'hello', now())`);
  expect(brief(events)).toEqual(['1: sent 1', '2: sent 1']);
  const { rows } = await database.pool.query(
    'SELECT user_id, peer_id, last_id::int, unread_count FROM conversations ORDER BY user_id',
  );
  expect(rows).toEqual([
    { user_id: 1, peer_id: 2, last_id: 1, unread_count: 0 },
    { user_id: 2, peer_id: 1, last_id: 1, unread_count: 1 },
  ]);
});

test('a message that is inserted as read counts for nobody', async () => {
  await witness(database.pool, () =>
    database.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text, is_read) VALUES (1, 2, 'hello', true)`,
    ),
  );
});

test('a message to oneself is one event and one conversation', async () => {
  const events = await insert(`VALUES (1, 1, 'note', now())`);
  expect(brief(events)).toEqual(['1: sent 1']);
});

test('a statement that inserts nothing tells nothing', async () => {
  expect(await insert(`SELECT 1, 2, 'hello', now() WHERE false`)).toEqual([]);
});

test('many rows are told one by one, in the order of their ids', async () => {
  const events = await insert(
    `VALUES (1, 2, 'a', now()), (2, 1, 'b', now()), (1, 1, 'c', now()), (3, 1, 'd', now())`,
  );
  expect(brief(events.filter(({ userId }) => userId === 1))).toEqual(
    [1, 2, 3, 4].map((id) => `1: sent ${id}`),
  );
});

test('of equal times the highest id is the last message', async () => {
  await insert(`SELECT 1, 2, 'same time', '2026-01-01Z'::timestamptz FROM generate_series(1, 3)`);
  await insert(`VALUES (2, 1, 'same time', '2026-01-01Z')`);
  await witness(database.pool, () =>
    database.pool.query(
      `INSERT INTO messages (id, sender_id, receiver_id, message_text, created_at)
       VALUES (-1, 2, 1, 'lower id', '2026-01-01Z')`,
    ),
  );
});

test('a message from long ago does not become the last one, and one from far ahead stays it', async () => {
  await insert(`VALUES (1, 2, 'now', now())`);
  await insert(`VALUES (1, 2, 'first year', '0001-01-01T00:00:00Z')`);
  await insert(`VALUES (1, 2, 'last year', '9999-12-31T23:59:59.999999Z')`);
  await insert(`VALUES (1, 2, 'now again', now())`);
});

test.each(['infinity', '-infinity', '10000-01-01Z', '0001-12-31 23:59:59Z BC'])(
  'the time %s is refused',
  async (time) => {
    await expect(insert(`VALUES (1, 2, 'when?', $1)`, [time])).rejects.toMatchObject({
      code: CHECK_VIOLATION,
    });
  },
);

test('ten thousand rows of one INSERT … SELECT, after the plans were made for one row', async () => {
  for (let i = 0; i < 8; i++) await insert(`VALUES (1, 2, 'small', now())`);
  await castUsers(database.pool, 1000);
  const events = await insert(
    `SELECT 1 + n % 1000, 1 + n * 7 % 999, 'bulk ' || n, now() FROM generate_series(1, $1::int) n`,
    [BULK],
  );
  expect(events.length).toBeGreaterThan(BULK);
});

test('ten thousand rows of one COPY', async () => {
  const { rows } = await database.pool.query<{ file: string }>(
    `SELECT current_setting('data_directory') || '/copied-messages.txt' AS file`,
  );
  const file = (rows[0] as { file: string }).file;
  await database.pool.query(
    `COPY (SELECT 1 + n % 5, 1 + n % 3, 'copied ' || n FROM generate_series(1, ${BULK}) n) TO '${file}'`,
  );
  const events = await witness(database.pool, () =>
    database.pool.query(`COPY messages (sender_id, receiver_id, message_text) FROM '${file}'`),
  );
  expect(events.length).toBeGreaterThan(BULK);
});

test('a transaction of many sends keeps few entries of the shared lock table', async () => {
  await castUsers(database.pool, 6000);
  const client = await database.pool.connect();
  try {
    await client.query(`BEGIN; DO $$ BEGIN
      FOR n IN 1..3000 LOOP
        INSERT INTO messages (sender_id, receiver_id, message_text) VALUES (n, n + 3000, 'one by one');
      END LOOP; END $$`);
    const { rows } = await client.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'`,
    );
    expect(rows[0]?.held).toBeLessThanOrEqual(1024);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});
