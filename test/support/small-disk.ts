import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount } from '../../src/storage/embedded/account.ts';
import { atTheEnd } from './caretaker.ts';

/** A disk for PostgreSQL's tables that can be full: a real file system (tmpfs), with the system's own ENOSPC. */
export interface SmallDisk extends AsyncDisposable {
  /** Belongs to the user that PostgreSQL runs as; for `tablesIn` of `startOwnCluster`, whose cluster goes first. */
  readonly directory: string;
  /** Takes all that is free, to the last page. */
  fill(): Promise<void>;
  /** Gives that back. */
  makeRoom(): Promise<void>;
}

/** A migrated database takes 9 MB. */
const SIZE_BYTES = 32 * 2 ** 20;

/** Only root may mount; of an ordinary user's sudo it is not asked more than whether it goes without a password. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ['sudo', '-n'];

/** Why there is none here; `null` when there is. With CI=true that is no excuse. */
export const noSmallDisk =
  process.env['CI'] === 'true' || canMount() ? null : 'this user cannot mount a file system';

export async function mountSmallDisk(): Promise<SmallDisk> {
  const directory = mount();
  const caretaker = atTheEnd(`${[...AS_ROOT, 'umount', '-l'].join(' ')} "$1"; rmdir "$1"`, directory);
  // Where we are root it now belongs to the user that root lends to PostgreSQL.
  await serverAccount(directory);
  const filler = join(directory, 'filler');
  return {
    directory,
    async fill() {
      const failure = await writeFile(filler, Buffer.alloc(SIZE_BYTES), { flag: 'a' }).catch(
        (error: NodeJS.ErrnoException) => error,
      );
      if (failure?.code !== 'ENOSPC') throw failure ?? new Error('more went on the disk than there is room');
    },
    makeRoom: () => rm(filler),
    [Symbol.asyncDispose]: () => caretaker[Symbol.asyncDispose](),
  };
}

function canMount(): boolean {
  try {
    const directory = mount();
    runAsRoot('umount', directory);
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

/** @throws with what the program said. */
function mount(): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-disk-'));
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  try {
    runAsRoot(
      'mount',
      '-t',
      'tmpfs',
      '-o',
      `size=${SIZE_BYTES},mode=0700,uid=${uid},gid=${gid}`,
      'tmpfs',
      directory,
    );
  } catch (error) {
    rmdirSync(directory);
    throw error;
  }
  return directory;
}

function runAsRoot(...command: readonly string[]): void {
  const [program = '', ...args] = [...AS_ROOT, ...command];
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`${command.join(' ')}: ${stderr}`);
}
