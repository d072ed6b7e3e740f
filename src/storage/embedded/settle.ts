import { createHash } from 'node:crypto';
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serverAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { copyBinaries } from './copy-binaries.ts';
import { EmbeddedPostgresError } from './error.ts';
import { type Account, run } from './program.ts';
import type { Site } from './site.ts';

/** Where root puts what the server's account cannot reach: a folder below /root, or a home with mode 0700. */
export const FALLBACK_DIRECTORY = '/var/lib/parley';

/** Others may pass through, and see nothing. */
const PASSABLE = 0o711;

const HOME_NAME = 'postgres';

/** pg_ctl hands the folder to a shell, between double quotes and nothing else. */
const MISREAD_BY_SHELL = /["$`\\\n]/;

/** Decides where the server lives, as whom and from which programs it runs, and makes the folders around it. */
export async function settle(
  directory: string,
  binDirectory: string | undefined,
  onProgress: (line: string) => void,
): Promise<Site> {
  if (process.platform !== 'win32' && MISREAD_BY_SHELL.test(resolve(directory))) {
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `PostgreSQL's pg_ctl cannot work in ${resolve(directory)}, whose name has a quote, a dollar sign, a backslash or a line break: rename that folder, or set DATABASE_URL to use a PostgreSQL of your own.`,
    );
  }
  const binaries = await findBinaries(binDirectory);
  // Not the mode that root's umask gives: 0077 would send every root to the fallback.
  if ((await mkdir(directory, { recursive: true })) !== undefined) await chmod(directory, PASSABLE);
  const real = await realpath(directory);
  const here = join(real, HOME_NAME);
  if (process.getuid?.() !== 0)
    return { directory, home: here, account: await serverAccount(here), binaries };

  const hash = createHash('sha256').update(real).digest('hex').slice(0, 16);
  const elsewhere = join(FALLBACK_DIRECTORY, hash, HOME_NAME);
  const home = await homeForRoot(real, here, elsewhere);
  const account = (await serverAccount(home)) as Account;
  if (home === elsewhere) {
    onProgress(`The user that PostgreSQL runs as cannot enter ${directory}: the database is kept in ${home}`);
    await mkdir(join(FALLBACK_DIRECTORY, hash), { recursive: true });
    for (const folder of [FALLBACK_DIRECTORY, join(FALLBACK_DIRECTORY, hash)]) await chmod(folder, PASSABLE);
  }
  return { directory, home, account, binaries: await runnable(binaries, account, onProgress) };
}

/** A database that exists stays where it is, whatever has become of the folders above it. */
async function homeForRoot(directory: string, here: string, elsewhere: string): Promise<string> {
  if (await exists(here)) {
    if (await canEnter((await serverAccount(here)) as Account, here)) return here;
    throw new EmbeddedPostgresError(
      'NOT_WRITABLE',
      `The user that PostgreSQL runs as can no longer enter ${here}: allow that again (chmod o+x on the folders above it), or move the folder away to start with an empty database.`,
    );
  }
  if (await exists(elsewhere)) return elsewhere;
  return (await canEnter((await serverAccount(here)) as Account, directory)) ? here : elsewhere;
}

async function runnable(
  binaries: Binaries,
  account: Account,
  onProgress: (line: string) => void,
): Promise<Binaries> {
  const tried = await run(binaries.initdb, ['--version'], account).catch((error: Error) => error);
  if (!(tried instanceof Error) && tried.exitCode === 0) return binaries;
  if (binaries.package !== undefined) return copyBinaries(binaries, FALLBACK_DIRECTORY, onProgress);
  throw new EmbeddedPostgresError(
    'NO_BINARIES',
    `The user that PostgreSQL runs as cannot run ${binaries.initdb}: make that folder readable for it.`,
  );
}

/** Asks a shell instead of reading mode bits, which know nothing of access lists. */
async function canEnter(account: Account, directory: string): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], account)).exitCode === 0;
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
