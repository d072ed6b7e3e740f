import { chown, rename, rm, writeFile } from 'node:fs/promises';
import type { Account } from './program.ts';

/**
 * Writes a file that only the server's account can read. It replaces whatever has that name in one step: a crash
 * leaves the old or the new text, and a link planted by that account does not make root write elsewhere.
 */
export async function writeOwnedFile(
  path: string,
  text: string,
  account: Account | undefined,
): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await rm(draft, { force: true });
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  await rename(draft, path);
}
