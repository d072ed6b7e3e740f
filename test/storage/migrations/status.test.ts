import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeMigrationStatus } from '../../../src/storage/migrations/describe-status.ts';
import { readMigrations } from '../../../src/storage/migrations/source.ts';
import { checkMigrations, PRISMA_LOCK } from '../../../src/storage/migrations/status.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { NAMES } from '../../support/migration-names.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => database[Symbol.asyncDispose]());

describe('the status', () => {
  const last = NAMES.at(-1) as string;
  const change = (sql: string) => database.pool.query(sql);
  const status = async () => checkMigrations(database.pool, await readMigrations());

  test('up to date, in one statement', async () => {
    let statements = 0;
    const counting = {
      query: (sql: string) => {
        statements += 1;
        return database.pool.query(sql);
      },
    };
    expect(await checkMigrations(counting, await readMigrations())).toEqual({ kind: 'up-to-date' });
    expect(statements).toBe(1);
  });

  test('empty: no history at all', async () => {
    await change('DROP TABLE _prisma_migrations');
    expect(await status()).toEqual({ kind: 'empty', names: NAMES });
  });

  test('pending', async () => {
    await change(`DELETE FROM _prisma_migrations WHERE migration_name = '${last}'`);
    const pending = await status();
    expect(pending).toEqual({ kind: 'pending', names: [last] });
    expect(describeMigrationStatus(pending)).toMatch(new RegExp(`${last}.*npm run db:migrate`));
  });

  test('pending again once it was rolled back', async () => {
    await change(
      `UPDATE _prisma_migrations SET finished_at = NULL, rolled_back_at = now() WHERE migration_name = '${last}'`,
    );
    expect(await status()).toEqual({ kind: 'pending', names: [last] });
  });

  test('failed', async () => {
    await change(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${last}'`);
    const failed = await status();
    expect(failed).toEqual({ kind: 'failed', name: last });
    expect(describeMigrationStatus(failed)).toMatch(new RegExp(`${last}.*resolve --rolled-back ${last}`));
  });

  /** As Prisma writes down what it has begun, and then what it has done. */
  const record = (name: string, finishedAt: 'now()' | 'NULL') =>
    change(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('${name}', 'y', '${name}', ${finishedAt})`,
    );

  /** While another session holds the lock that Prisma applies migrations under. */
  async function whileMigrating(work: () => Promise<void>): Promise<void> {
    const client = await database.pool.connect();
    try {
      await client.query(`SELECT pg_advisory_lock(${PRISMA_LOCK})`);
      await work();
      // The one that holds it knows that it is applying nothing.
      expect(await checkMigrations(client, await readMigrations())).not.toMatchObject({ kind: 'running' });
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${PRISMA_LOCK})`);
      client.release();
    }
  }

  test('running: unfinished, and somebody is at it', async () => {
    await change(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${last}'`);
    await whileMigrating(async () => {
      const running = await status();
      expect(running).toEqual({ kind: 'running', name: last });
      expect(describeMigrationStatus(running)).toMatch(new RegExp(`${last} is being applied`));
    });
    expect(await status()).toEqual({ kind: 'failed', name: last });
  });

  test('not running for a lock of the same number in another database', async () => {
    await using other = await createTestDatabase();
    await change(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '${last}'`);
    const client = await other.pool.connect();
    try {
      await client.query(`SELECT pg_advisory_lock(${PRISMA_LOCK})`);
      expect(await status()).toEqual({ kind: 'failed', name: last });
    } finally {
      client.release(true);
    }
  });

  test('newer: migrated by a later Parley', async () => {
    await record('2999_later', 'now()');
    const newer = await status();
    expect(newer).toEqual({ kind: 'newer', names: ['2999_later'] });
    expect(describeMigrationStatus(newer)).toMatch(
      /2999_later that this server does not know: a later release/,
    );
  });

  test('newer: while a later Parley migrates, and when it has failed to', async () => {
    await record('2999_later', 'NULL');
    await whileMigrating(async () => {
      expect(await status()).toEqual({ kind: 'newer', names: ['2999_later'] });
    });
    expect(await status()).toEqual({ kind: 'newer', names: ['2999_later'] });
  });

  test('pending comes before newer: what this build needs is missing', async () => {
    await record('2999_later', 'now()');
    await change(`DELETE FROM _prisma_migrations WHERE migration_name = '${last}'`);
    expect(await status()).toEqual({ kind: 'pending', names: [last] });
  });

  test('edited: another text than the one that was applied', async () => {
    await change(`UPDATE _prisma_migrations SET checksum = repeat('0', 64) WHERE migration_name = '${last}'`);
    expect(await status()).toEqual({ kind: 'edited', names: [last] });
  });

  test('not edited where only the line endings differ', async () => {
    const windows = (await readMigrations()).map(({ name, script }) => ({
      name,
      script: script.replaceAll('\n', '\r\n'),
    }));
    expect(await checkMigrations(database.pool, windows)).toEqual({ kind: 'up-to-date' });
  });

  test('every message is one line', async () => {
    for (const kind of ['empty', 'pending', 'newer', 'edited'] as const) {
      expect(describeMigrationStatus({ kind, names: NAMES })).not.toContain('\n');
    }
    for (const kind of ['running', 'failed'] as const) {
      expect(describeMigrationStatus({ kind, name: last })).not.toContain('\n');
    }
  });
});
