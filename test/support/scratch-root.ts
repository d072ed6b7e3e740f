import { access, constants, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const IN_MEMORY = '/dev/shm';
/** A database has 47 MB, and a few are there at a time; a container's usual 64 MB of shared memory hold one. */
const ROOM_BYTES = 2 ** 30;

/** Where databases that live for one test belong: copying one took 0.07 s in memory, and 0.75 s on a disk with ext4. */
export async function scratchRoot(): Promise<string> {
  try {
    await access(IN_MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(IN_MEMORY);
    return bavail * bsize > ROOM_BYTES ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir(); // a system without it
  }
}
