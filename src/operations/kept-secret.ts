import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The embedded default's secret for tokens: made at the first use, and kept in `directory` where only its owner reads. */
export async function keptSecret(directory: string): Promise<string> {
  const path = join(directory, 'jwt-secret');
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept !== '') return kept;

  await mkdir(directory, { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, randomBytes(32).toString('hex'), { mode: 0o600 });
    // Appears whole or not at all, and only once: two processes at a time agree on one secret.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
