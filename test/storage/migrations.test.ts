import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { describeMigrationStatus } from '../../src/storage/migrations/describe-status.ts';
import { diffFromSchema } from '../../src/storage/migrations/diff.ts';
import { findDrift } from '../../src/storage/migrations/drift.ts';
import { withEngine } from '../../src/storage/migrations/session.ts';
import {
  checksums,
  MIGRATIONS_DIRECTORY,
  migrationList,
  readMigrations,
} from '../../src/storage/migrations/source.ts';
import { checkMigrations } from '../../src/storage/migrations/status.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { onDatabase } from '../support/database-url.ts';
import { adminUrl } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const NAMES = (await readMigrations()).map(({ name }) => name);
const PRISMA_LOCK = 72707369;

/** Runs `work` on a database that nobody has migrated yet. */
async function onEmptyDatabase(work: (url: string, client: pg.Client) => Promise<void>): Promise<void> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (admin) => {
    await admin.query(`CREATE DATABASE ${name}`);
    const url = onDatabase(adminUrl(), name);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await work(url, client);
    } finally {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });
}

async function asAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

/** Runs `work` with the committed migrations and one more, in a folder of their own. */
async function withOneMore(
  name: string,
  script: string,
  work: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
  try {
    await cp(MIGRATIONS_DIRECTORY, directory, { recursive: true });
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'migration.sql'), script);
    await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('applying', () => {
  test('brings an empty database up to date, and has nothing to do a second time', () =>
    onEmptyDatabase(async (url, client) => {
      expect(await applyMigrations(url)).toEqual({ applied: NAMES });
      expect(await checkMigrations(client)).toEqual({ kind: 'up-to-date' });
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
        expect(await checkMigrations(client)).toEqual({ kind: 'failed', name: '29990101000000_divides' });

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

describe('what stops it before it starts', () => {
  const without = (change: (url: URL) => void) => {
    const url = new URL(adminUrl());
    change(url);
    return url.href;
  };

  test.each<[string, string, () => string]>([
    [
      'no server answers',
      'UNREACHABLE',
      () =>
        without((url) => {
          url.port = '1';
        }),
    ],
    [
      'no such host',
      'UNREACHABLE',
      () =>
        without((url) => {
          url.hostname = 'nowhere.invalid';
        }),
    ],
    ['not an address', 'UNREACHABLE', () => 'postgresql://a:secret@b@:c/d'],
    ['no such database', 'NO_DATABASE', () => onDatabase(adminUrl(), 'nothing_here')],
    [
      'no such user',
      'REFUSED',
      () =>
        without((url) => {
          url.username = 'nobody';
          url.password = 'secret';
        }),
    ],
  ])('%s: %s, in one line without the password', async (_, code, url) => {
    const error = await applyMigrations(url()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'MigrationError', code });
    const { message } = error as Error;
    expect(message).not.toMatch(/\n|secret/);
    const { password } = new URL(adminUrl());
    if (password !== '') expect(message).not.toContain(password);
  });

  test('a user who may not create tables: NO_PERMISSION', () =>
    onEmptyDatabase(async (url, client) => {
      const role = `reader_${randomUUID().replaceAll('-', '')}`;
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
      try {
        // As on PostgreSQL 15 and later, for older ones too.
        await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
        const reader = new URL(url);
        reader.username = role;
        reader.password = 'secret';
        await expect(applyMigrations(reader.href)).rejects.toMatchObject({
          code: 'NO_PERMISSION',
          message: expect.stringContaining('permission denied for schema public'),
        });
      } finally {
        await client.query(`DROP ROLE ${role}`);
      }
    }));
});

describe('with a migrated database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => database[Symbol.asyncDispose]());

  describe('the status', () => {
    const last = NAMES.at(-1) as string;
    const change = (sql: string) => database.pool.query(sql);
    const status = () => checkMigrations(database.pool);

    test('up to date, in one statement', async () => {
      let statements = 0;
      const counting = {
        query: (sql: string) => {
          statements += 1;
          return database.pool.query(sql);
        },
      };
      expect(await checkMigrations(counting)).toEqual({ kind: 'up-to-date' });
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

    test('newer: migrated by a later Parley', async () => {
      await change(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '2999_later', now())`,
      );
      const newer = await status();
      expect(newer).toEqual({ kind: 'newer', names: ['2999_later'] });
      expect(describeMigrationStatus(newer)).toMatch(/server is older than its database.*2999_later/);
    });

    test('edited: another text than the one that was applied', async () => {
      await change(
        `UPDATE _prisma_migrations SET checksum = repeat('0', 64) WHERE migration_name = '${last}'`,
      );
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
    });
  });

  describe('drift', () => {
    test('schema.prisma is what the migrations make', async () => {
      expect(await diffFromSchema(database.url)).toBeUndefined();
    });

    test('schema.prisma is told apart from a table with one more column', async () => {
      await database.pool.query('ALTER TABLE users ADD COLUMN nickname TEXT');
      expect(await diffFromSchema(database.url)).toMatch(/`users`[\s\S]*Removed column `nickname`/);
    });

    test('a migrated database has none, whatever its time zone', () =>
      onEmptyDatabase(async (scratch) => {
        await asAdmin(async (admin) => {
          await admin.query(
            `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET TimeZone = 'Asia/Tokyo'`,
          );
        });
        expect(await findDrift(scratch, database.url)).toEqual({ schema: [], database: [] });
      }));

    test('a column, a trigger, a function, an index and an option that changed by hand are each reported', () =>
      onEmptyDatabase(async (scratch) => {
        await database.pool.query(`
          ALTER TABLE users ADD COLUMN nickname TEXT;
          DROP TRIGGER user_deleted ON users;
          ALTER TABLE messages DISABLE TRIGGER messages_updated;
          DROP INDEX idx_msg_covering;
          CREATE INDEX idx_msg_covering ON messages (sender_id, receiver_id);
          ALTER TABLE conversations RESET (fillfactor);
          CREATE OR REPLACE FUNCTION users_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path FROM CURRENT AS 'BEGIN RETURN NULL; END';`);
        const { schema, database: lines } = await findDrift(scratch, database.url);
        expect(schema).toEqual([]);
        expect(lines).toEqual(
          expect.arrayContaining([
            '+ column users.nickname: text',
            expect.stringMatching(/^- trigger users\.user_deleted: CREATE TRIGGER/),
            expect.stringMatching(/^\+ trigger messages\.messages_updated: .* DISABLED$/),
            expect.stringMatching(
              /^- index idx_msg_covering: .* INCLUDE \(message_text, created_at, is_read\)$/,
            ),
            '- table conversations: plain WITH (fillfactor=50)',
            expect.stringMatching(/^- function users_truncated\(\): .*TRUNCATE inbox_heads/),
          ]),
        );
        const objects = new Set(lines.map((line) => /^. (\w+ [\w.]+)/.exec(line)?.[1]));
        expect(objects.size).toBe(6);
      }));
  });

  describe('the messages table is the promised one', () => {
    const rows = async (sql: string) => (await database.pool.query(sql)).rows;

    test('columns, types and defaults', async () => {
      const columns = await rows(`
        SELECT column_name AS name, data_type AS type, is_nullable AS nullable, column_default AS default
        FROM information_schema.columns WHERE table_name = 'messages' ORDER BY ordinal_position`);
      expect(columns).toEqual([
        { name: 'id', type: 'integer', nullable: 'NO', default: "nextval('messages_id_seq'::regclass)" },
        { name: 'sender_id', type: 'integer', nullable: 'NO', default: null },
        { name: 'receiver_id', type: 'integer', nullable: 'NO', default: null },
        { name: 'message_text', type: 'text', nullable: 'NO', default: null },
        { name: 'created_at', type: 'timestamp with time zone', nullable: 'NO', default: 'now()' },
        { name: 'is_read', type: 'boolean', nullable: 'NO', default: 'false' },
        // Parley's own addition, which no writer needs to know.
        { name: 'full_text', type: 'text', nullable: 'YES', default: null },
      ]);
    });

    test('keys and cascades', async () => {
      const keys = await rows(`
        SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint
        WHERE conrelid = 'messages'::regclass AND contype IN ('p', 'f', 'u') ORDER BY 1`);
      expect(keys.map(({ key }) => key)).toEqual([
        'FOREIGN KEY (receiver_id) REFERENCES users(id) ON DELETE CASCADE',
        'FOREIGN KEY (sender_id) REFERENCES users(id) ON DELETE CASCADE',
        'PRIMARY KEY (id)',
      ]);
    });

    test('its four named indexes', async () => {
      const indexes = await rows(`
        SELECT pg_get_indexdef(indexrelid) AS index FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        WHERE relname IN ('idx_messages_sender', 'idx_messages_receiver', 'idx_messages_created', 'idx_msg_covering')
          AND indisvalid ORDER BY 1`);
      expect(indexes.map(({ index }) => index)).toEqual([
        'CREATE INDEX idx_messages_created ON public.messages USING btree (created_at)',
        'CREATE INDEX idx_messages_receiver ON public.messages USING btree (receiver_id)',
        'CREATE INDEX idx_messages_sender ON public.messages USING btree (sender_id)',
        'CREATE INDEX idx_msg_covering ON public.messages USING btree (sender_id, receiver_id) INCLUDE (message_text, created_at, is_read)',
      ]);
    });

    test("users' keys", async () => {
      const unique = await rows(`
        SELECT pg_get_indexdef(indexrelid) AS index FROM pg_index
        WHERE indrelid = 'users'::regclass AND indisunique ORDER BY 1`);
      expect(unique.map(({ index }) => /\((.*)\)/.exec(index)?.[1])).toEqual([
        'external_id',
        'id',
        'username',
      ]);
    });
  });
});

describe('npm run db:migrate', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const run = (environment: Record<string, string>) =>
    new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
      const loader = join(root, 'test/support/register-typescript.js');
      const args = ['--import', loader, join(root, 'src/operations/migrate.ts')];
      // From another directory: the migrations belong to the program, not to where it is started.
      execFile(process.execPath, args, { cwd: tmpdir(), env: environment }, (error, stdout, stderr) =>
        resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test('prints each applied migration, then that nothing is left, wherever it is started', () =>
    onEmptyDatabase(async (url) => {
      const first = await run({ DATABASE_URL: url });
      expect(first).toEqual({
        exitCode: 0,
        stdout: NAMES.map((name) => `applied ${name}\n`).join(''),
        stderr: '',
      });
      expect(await run({ DATABASE_URL: url })).toEqual({
        exitCode: 0,
        stdout: 'nothing to apply\n',
        stderr: '',
      });
    }));

  test('prefers DATABASE_DIRECT_URL to a pooler', () =>
    onEmptyDatabase(async (url) => {
      const pooler = 'postgresql://127.0.0.1:1/pooler';
      expect(await run({ DATABASE_URL: pooler, DATABASE_DIRECT_URL: url })).toMatchObject({ exitCode: 0 });
    }));

  test.each([
    ['no database is named', {}, /^DATABASE_URL is missing.*\n$/],
    [
      'it cannot be reached',
      { DATABASE_URL: 'postgresql://127.0.0.1:1/x' },
      /^Cannot reach database "x" .*ECONNREFUSED.*\n$/,
    ],
  ])('one line and exit code 1 when %s', async (_, environment, line) => {
    const { exitCode, stdout, stderr } = await run(environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(line);
  });
});

test('all migrations in the folder are known, oldest first', async () => {
  const folders = (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => /^\d{14}_/.test(name));
  expect(NAMES).toEqual(folders.sort());
});
