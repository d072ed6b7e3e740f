import { readdir } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { applyMigrations } from '../../../src/storage/migrations/apply.ts';
import { withEngine } from '../../../src/storage/migrations/session.ts';
import {
  checksums,
  MIGRATIONS_DIRECTORY,
  migrationList,
  readMigrations,
} from '../../../src/storage/migrations/source.ts';
import { checkMigrations } from '../../../src/storage/migrations/status.ts';
import { onEmptyDatabase } from '../../support/empty-database.ts';
import { eventually } from '../../support/eventually.ts';
import { NAMES } from '../../support/migration-names.ts';
import { withOneMore } from '../../support/one-more-migration.ts';

/** Under which Prisma Migrate keeps others away. */
const PRISMA_LOCK = 72707369;

describe('applying', () => {
  test('brings an empty database up to date, and has nothing to do a second time', () =>
    onEmptyDatabase(async (url, client) => {
      expect(await applyMigrations(url)).toEqual({ applied: NAMES });
      expect(await checkMigrations(client, await readMigrations())).toEqual({ kind: 'up-to-date' });
      expect(await applyMigrations(url)).toEqual({ applied: [] });
    }));

  test('ten at once: one applies, nine find nothing to do', () =>
    onEmptyDatabase(async (url, client) => {
      const runs = await Promise.all(Array.from({ length: 10 }, () => applyMigrations(url)));
      expect(runs.filter(({ applied }) => applied.length > 0)).toEqual([{ applied: NAMES }]);
      const { rows } = await client.query('SELECT migration_name FROM _prisma_migrations');
      expect(rows).toHaveLength(NAMES.length);
    }));

  test('waits for a migration that Prisma itself is running, longer than the 10 s after which its engine gives up', () =>
    onEmptyDatabase(async (url, client) => {
      await client.query(`SELECT pg_advisory_lock(${PRISMA_LOCK})`);
      const run = applyMigrations(url);
      await eventually(async () => {
        const { rowCount } = await client.query(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${PRISMA_LOCK}
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        return rowCount === 1;
      });
      await client.query(`SELECT pg_advisory_unlock(${PRISMA_LOCK})`);
      expect(await run).toEqual({ applied: NAMES });
    }));

  test("writes history that Prisma's own diagnosis finds in order, with its checksums", () =>
    onEmptyDatabase(async (url, client) => {
      await applyMigrations(url);
      const diagnosis = await withEngine(url, async ({ engine }) =>
        engine.diagnoseMigrationHistory({
          migrationsList: await migrationList(MIGRATIONS_DIRECTORY),
          optInToShadowDatabase: false,
          filters: { externalTables: [], externalEnums: [] },
        }),
      );
      expect(diagnosis).toEqual({
        editedMigrationNames: [],
        failedMigrationNames: [],
        hasMigrationsTable: true,
        history: null,
      });
      const { rows } = await client.query<{ name: string; checksum: string }>(
        'SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY started_at',
      );
      expect(rows).toEqual(
        (await readMigrations()).map(({ name, script }) => ({ name, checksum: checksums(script)[0] })),
      );
    }));

  test('names a failing migration, its line and the way on, and undoes all of it', () =>
    onEmptyDatabase((url, client) =>
      withOneMore('29990101000000_bad', 'CREATE TABLE half (id INT);\n\nSELECT 1 +;\n', async (directory) => {
        await expect(applyMigrations(url, directory)).rejects.toMatchObject({
          code: 'FAILED',
          message: expect.stringMatching(
            /^Migration 29990101000000_bad failed: syntax error at or near ";" \(42601\) at line 3 of its migration\.sql\. .*prisma migrate resolve --rolled-back 29990101000000_bad/,
          ),
        });
        const { rows } = await client.query(
          `SELECT to_regclass('half') AS half, to_regclass('messages') AS messages`,
        );
        expect(rows).toEqual([{ half: null, messages: 'messages' }]);
      }),
    ));

  test('stops at a migration that has failed before, until it is released', () =>
    onEmptyDatabase((url, client) =>
      withOneMore('29990101000000_divides', 'SELECT 1 / count(*) FROM users;', async (directory) => {
        await expect(applyMigrations(url, directory)).rejects.toMatchObject({ code: 'FAILED' });
        await expect(applyMigrations(url, directory)).rejects.toMatchObject({
          code: 'FAILED_BEFORE',
          message: expect.stringContaining('29990101000000_divides'),
        });
        expect(await checkMigrations(client, await readMigrations(directory))).toEqual({
          kind: 'failed',
          name: '29990101000000_divides',
        });
        // The release before, which does not know it, neither adds to it nor stops for it.
        await expect(applyMigrations(url)).rejects.toMatchObject({ code: 'FAILED_BEFORE' });
        expect(await checkMigrations(client, await readMigrations())).toMatchObject({ kind: 'newer' });

        await client.query(`INSERT INTO users (external_id, username) VALUES ('ann', 'ann')`);
        await withEngine(url, ({ engine }) =>
          engine.markMigrationRolledBack({ migrationName: '29990101000000_divides' }),
        );
        expect(await applyMigrations(url, directory)).toEqual({ applied: ['29990101000000_divides'] });
      }),
    ));

  test('takes a script whole: semicolons in strings and bodies do not cut it', () =>
    onEmptyDatabase((url, client) =>
      withOneMore(
        '29990101000000_semicolons',
        `CREATE TABLE notes (note TEXT DEFAULT 'a;b'); DO $$ BEGIN INSERT INTO notes DEFAULT VALUES; END $$;`,
        async (directory) => {
          await applyMigrations(url, directory);
          expect((await client.query('SELECT note FROM notes')).rows).toEqual([{ note: 'a;b' }]);
        },
      ),
    ));
});

test('all migrations in the folder are known, oldest first', async () => {
  const folders = (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => /^\d{14}_/.test(name));
  expect(NAMES).toEqual(folders.sort());
});
