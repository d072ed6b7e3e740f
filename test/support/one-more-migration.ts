import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIGRATIONS_DIRECTORY } from '../../src/storage/migrations/source.ts';

/** Runs `work` with the committed migrations and one more, in a folder of their own: those of a later release. */
export async function withOneMore(
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
