import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NO_FILTERS } from './engine.ts';
import { withEngine } from './session.ts';
import { SCHEMA_FILE } from './source.ts';

/**
 * What Prisma would change to turn the database into `schema.prisma`, as text for people; undefined when they
 * agree. Prisma sees tables, columns, keys, enums and indexes; not checks, triggers, functions, or which
 * columns an index merely includes.
 * @throws {MigrationError} when the database cannot be read
 */
export async function diffFromSchema(databaseUrl: string): Promise<string | undefined> {
  const schema = { files: [{ path: SCHEMA_FILE, content: await readFile(SCHEMA_FILE, 'utf8') }] };
  const { exitCode, stdout } = await withEngine(databaseUrl, ({ engine }) =>
    engine.diff({
      from: { tag: 'schemaDatasource', configDir: dirname(SCHEMA_FILE), ...schema },
      to: { tag: 'schemaDatamodel', ...schema },
      script: false,
      exitCode: true,
      filters: NO_FILTERS,
    }),
  );
  return exitCode === 0 ? undefined : (stdout ?? '').trim();
}
