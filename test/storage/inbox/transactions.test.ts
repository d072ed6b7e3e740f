import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { takeSnapshot, witness } from '../../support/inbox-invariants.ts';
import { brief, castUsers, send } from './cast.ts';

const SERIALIZATION_FAILURE = '40001';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());
beforeEach(async () => {
  await castUsers(database.pool);
  await send(database.pool, [1, 2], [2, 1]);
});

async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  try {
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

async function waiting(): Promise<number> {
  const { rows } = await database.pool.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.['n'];
}

const INSERT = `INSERT INTO messages (sender_id, receiver_id, message_text) VALUES`;

test('what is rolled back leaves no trace, and the next event no hole', async () => {
  const before = await takeSnapshot(database.pool);
  await database.pool.query(`BEGIN; ${INSERT} (1, 2, 'x'); UPDATE messages SET is_read = true; ROLLBACK`);
  expect(await takeSnapshot(database.pool)).toEqual(before);
  await witness(database.pool, () => database.pool.query(`${INSERT} (1, 2, 'y')`));
});

test('what is rolled back to a savepoint leaves no trace', async () => {
  const events = await witness(
    database.pool,
    () =>
      database.pool.query(`BEGIN; ${INSERT} (1, 2, 'kept'); SAVEPOINT s; ${INSERT} (1, 3, 'lost');
        UPDATE messages SET is_read = true; DELETE FROM messages WHERE id = 1; ROLLBACK TO s;
        SAVEPOINT t; ${INSERT} (3, 1, 'kept, too'); RELEASE t; COMMIT`),
    'many statements',
  );
  expect(brief(events)).toEqual(['1: sent 3', '1: sent 5', '2: sent 3', '3: sent 5']);
});

test('a block that catches an error keeps the log without a hole', async () => {
  await witness(
    database.pool,
    () =>
      database.pool.query(`DO $$ BEGIN
        ${INSERT} (1, 2, 'kept');
        BEGIN ${INSERT} (1, 3, 'lost'); RAISE 'undo'; EXCEPTION WHEN raise_exception THEN NULL; END;
        ${INSERT} (1, 2, 'kept');
        END $$`),
    'many statements',
  );
});

test('a prepared transaction is told when it is committed, and not before', async () => {
  const events = await witness(database.pool, () =>
    withClient(async (client) => {
      await client.query(`BEGIN; ${INSERT} (1, 2, 'two-phase'); PREPARE TRANSACTION 'committed'`);
      const meanwhile = await takeSnapshot(database.pool);
      expect(meanwhile.heads.get(1)).toBe(2);
      await client.query(`COMMIT PREPARED 'committed'`);
    }),
  );
  expect(brief(events)).toEqual(['1: sent 3', '2: sent 3']);
});

test('a prepared transaction that is rolled back leaves no trace', async () => {
  const before = await takeSnapshot(database.pool);
  await withClient(async (client) => {
    await client.query(`BEGIN; ${INSERT} (1, 2, 'two-phase'); PREPARE TRANSACTION 'undone'`);
    await client.query(`ROLLBACK PREPARED 'undone'`);
  });
  expect(await takeSnapshot(database.pool)).toEqual(before);
});

test.each(['REPEATABLE READ', 'SERIALIZABLE'])(
  'under %s a write from a stale snapshot is refused, never miscounted',
  async (level) => {
    await witness(database.pool, () =>
      withClient(async (client) => {
        await client.query(`BEGIN ISOLATION LEVEL ${level}; SELECT FROM messages`);
        await database.pool.query(`${INSERT} (1, 2, 'meanwhile')`);
        await expect(client.query(`${INSERT} (1, 2, 'late')`)).rejects.toMatchObject({
          code: SERIALIZATION_FAILURE,
        });
      }),
    );
  },
);

test('two deletions that overlap leave the right last message', async () => {
  await send(database.pool, [1, 2]);
  await witness(
    database.pool,
    () =>
      withClient(async (client) => {
        await client.query('BEGIN; DELETE FROM messages WHERE id = 3');
        const other = database.pool.query('DELETE FROM messages WHERE id = 2');
        await eventually(async () => (await waiting()) === 1);
        await client.query('COMMIT');
        await other;
      }),
    'many statements',
  );
});
