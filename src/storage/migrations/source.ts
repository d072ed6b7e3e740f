import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm';

/** One committed migration: its folder's name, and its SQL. */
export interface Migration {
  readonly name: string;
  readonly script: string;
}

/** The committed migrations, as files. The same path from src/ and from dist/. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The committed `schema.prisma`, as a file. */
export const SCHEMA_FILE = fileURLToPath(new URL('../../../prisma/schema.prisma', import.meta.url));

const LOCKFILE = 'migration_lock.toml';
const SCRIPT = 'migration.sql';

/** Reads all migrations of `directory`, oldest first (their names begin with a timestamp). */
export async function readMigrations(directory = MIGRATIONS_DIRECTORY): Promise<readonly Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      script: await readFile(join(directory, name, SCRIPT), 'utf8'),
    })),
  );
}

/** The migrations of `directory` in the form that Prisma's engine takes them. */
export async function migrationList(directory: string): Promise<MigrationList> {
  const migrations = await readMigrations(directory);
  return {
    baseDir: directory,
    lockfile: { path: LOCKFILE, content: await readFile(join(directory, LOCKFILE), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: SCRIPT, content: { tag: 'ok', value: script } },
    })),
  };
}

/**
 * The checksums under which Prisma may have recorded a script: SHA-256 in hexadecimal of its text as it
 * stands, with LF and with CRLF, because git may change line endings on checkout. New rows get the first one.
 */
export function checksums(script: string): readonly string[] {
  const lf = script.replaceAll('\r\n', '\n');
  return [script, lf, lf.replaceAll('\n', '\r\n')].map((text) =>
    createHash('sha256').update(text).digest('hex'),
  );
}
