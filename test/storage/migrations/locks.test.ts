import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import { DDL_LOCK_TIMEOUT_MS } from '../../../src/storage/migrations/adapter.ts';
import { applyMigrations } from '../../../src/storage/migrations/apply.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { withOneMore } from '../../support/one-more-migration.ts';

let database: TestDatabase;
let reader: PoolClient;
beforeEach(async () => {
  database = await createTestDatabase();
  reader = await database.pool.connect();
  // Like a long report: the table cannot be altered until this transaction ends.
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT count(*) FROM messages');
});
afterEach(async () => {
  await reader.query('ROLLBACK');
  reader.release();
  await database[Symbol.asyncDispose]();
});

const columns = async () =>
  (
    await database.pool.query(
      "SELECT FROM pg_attribute WHERE attrelid = 'messages'::regclass AND attname = 'mood'",
    )
  ).rowCount;

describe('a migration that other transactions keep from its locks', () => {
  const name = '29990101000000_mood';
  const script = 'CREATE TABLE moods (mood TEXT);\nALTER TABLE messages ADD COLUMN mood TEXT;';

  test(
    'gives up soon, in one line and with nothing changed, and can be run again',
    () =>
      withOneMore(name, script, async (directory) => {
        const start = performance.now();
        const refused = await applyMigrations(database.url, directory).catch((error: unknown) => error);
        expect(performance.now() - start).toBeLessThan(DDL_LOCK_TIMEOUT_MS + 2_000);
        expect(refused).toMatchObject({ name: 'MigrationError', code: 'LOCKED' });
        expect((refused as Error).message).toMatch(
          /^Migration 29990101000000_mood was not applied.*nothing has changed.*npm run db:migrate$/,
        );
        expect((await database.pool.query("SELECT to_regclass('moods') AS moods")).rows).toEqual([
          { moods: null },
        ]);

        await reader.query('COMMIT');
        expect(await applyMigrations(database.url, directory)).toEqual({ applied: [name] });
        expect(await columns()).toBe(1);
      }),
    20_000,
  );

  test('is applied when they end soon enough', () =>
    withOneMore(name, script, async (directory) => {
      const applying = applyMigrations(database.url, directory);
      await eventually(async () => (await waitingFor('relation')) === 1);
      await reader.query('COMMIT');
      expect(await applying).toEqual({ applied: [name] });
    }));

  test('lets who comes later wait no longer than that', () =>
    withOneMore(name, script, async (directory) => {
      const applying = applyMigrations(database.url, directory).catch((error: unknown) => error);
      await eventually(async () => (await waitingFor('relation')) === 1);
      const start = performance.now();
      await database.pool.query('SELECT count(*) FROM messages');
      expect(performance.now() - start).toBeLessThan(DDL_LOCK_TIMEOUT_MS + 1_000);
      expect(await applying).toMatchObject({ code: 'LOCKED' });
    }));

  test('makes way for the other one in a deadlock, and can be run again', () =>
    withOneMore(
      name,
      'ALTER TABLE users ADD COLUMN mood TEXT;\nALTER TABLE messages ADD COLUMN mood TEXT;',
      async (directory) => {
        const applying = applyMigrations(database.url, directory).catch((error: unknown) => error);
        await eventually(async () => (await waitingFor('relation')) === 1);
        await reader.query('SELECT count(*) FROM users');
        expect(await applying).toMatchObject({ code: 'LOCKED', cause: { code: '40P01' } });
        await reader.query('COMMIT');
        expect(await applyMigrations(database.url, directory)).toEqual({ applied: [name] });
      },
    ));

  test('waits for as long as it takes where nobody waits behind it: an index that is built concurrently', () =>
    withOneMore(name, 'CREATE INDEX CONCURRENTLY idx_mood ON messages (is_read)', async (directory) => {
      const applying = applyMigrations(database.url, directory);
      await eventually(async () => (await waitingFor('virtualxid', DDL_LOCK_TIMEOUT_MS + 500)) === 1, {
        withinMs: 10_000,
      });
      await reader.query('COMMIT');
      expect(await applying).toEqual({ applied: [name] });
      const { rows } = await database.pool.query(
        "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'idx_mood'::regclass",
      );
      expect(rows).toEqual([{ valid: true }]);
    }));
});

/** How many sessions wait for a lock of this kind, and have done so for that long. */
async function waitingFor(kind: string, forMs = 0): Promise<number> {
  const { rows } = await database.pool.query(
    `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE datname = current_database() AND application_name = 'parley-migrate' AND locktype = $1 AND NOT granted
       AND waitstart < clock_timestamp() - make_interval(secs => $2)`,
    [kind, forMs / 1_000],
  );
  return rows.length;
}
