import { readFile, stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './error.ts';
import { type Account, run } from './program.ts';

const NOBODY: Account = { uid: 65_534, gid: 65_534 };
/** Debian's and Red Hat's name, macOS' name, and the one that every system has. */
const PREFERRED_NAMES = ['postgres', '_postgres', 'nobody'];

/**
 * Under which user the server in `home` must run: undefined is ourselves, which is all that an ordinary user can do.
 * PostgreSQL refuses to run as root, so root lends it another account: the owner of the data where there is some.
 */
export async function serverAccount(home: string): Promise<Account | undefined> {
  const self = process.getuid?.();
  if (self === undefined) return undefined;
  const owner = await stat(home).catch(() => undefined);
  if (self !== 0) {
    if (owner !== undefined && owner.uid !== self) throw wrongOwner(home, owner.uid);
    return undefined;
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = await unprivilegedAccount();
  // Root's own data can only be a copy that root made: no server ever ran as root.
  if (owner !== undefined) await give(home, account);
  return account;
}

async function give(home: string, account: Account): Promise<void> {
  const { exitCode, output } = await run('chown', ['-R', `${account.uid}:${account.gid}`, home]);
  if (exitCode !== 0) throw new Error(`chown ${home}: ${output}`);
}

async function unprivilegedAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  for (const wanted of PREFERRED_NAMES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(':') ?? [];
    // macOS writes nobody's id as -2.
    if (Number(uid) && gid) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  return NOBODY;
}

function wrongOwner(home: string, uid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'WRONG_OWNER',
    `The database in ${home} belongs to another user (id ${uid}), probably because Parley was started as root before: start it as that user or as root, or run: sudo chown -R "$(id -un)" ${home}`,
  );
}
