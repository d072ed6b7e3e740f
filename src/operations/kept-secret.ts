import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The embedded default's secret for tokens: made at the first use, and kept in `directory` where only its owner reads. */
export async function keptSecret(directory: string): Promise<string> {
  const path = join(directory, 'jwt-secret');
  await mkdir(directory, { recursive: true });
  try {
    // `wx` fails if the file is there, so that two processes at once agree on one secret.
    await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
