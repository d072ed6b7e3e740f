import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, jest } from '@jest/globals';
import { findBinaries } from '../../../src/storage/embedded/binaries.ts';
import { copyBinaries } from '../../../src/storage/embedded/copy-binaries.ts';
import { FALLBACK_DIRECTORY } from '../../../src/storage/embedded/settle.ts';
import {
  freshDirectory,
  homeIn,
  postmasterPid,
  query,
  removeOriginal,
  start,
  sweep,
  sweepLater,
  usedDirectory,
} from '../../support/embedded-sandbox.ts';
import { CREATE, KEPT, SELECT } from '../../support/kept-table.ts';
import { whenOrdinary, whenRoot } from '../../support/suite-user.ts';

// Slow, not late: several starts of whole servers in a row.
jest.setTimeout(90_000);

afterEach(sweep);
afterAll(removeOriginal);

describe('as root', () => {
  whenRoot('the server runs as a user without rights', async () => {
    const directory = await freshDirectory();
    await start(directory);
    expect((await stat(`/proc/${await postmasterPid(homeIn(directory))}`)).uid).not.toBe(0);
  });

  whenRoot('data that root has copied are given to that user', async () => {
    const directory = await usedDirectory();
    const first = await start(directory);
    await query(first.url, CREATE);
    await first.stop();
    spawnSync('chown', ['-R', '0:0', homeIn(directory)]);

    expect(await query((await start(directory)).url, SELECT)).toEqual(KEPT);
  });

  whenRoot(
    'below a folder that this user cannot enter the data go elsewhere, stay there, and progress says so',
    async () => {
      const directory = join(await freshDirectory(0o700), '.data');
      const said: string[] = [];
      const first = await start(directory, { onProgress: (line) => said.push(line) });
      const home = said[0]?.split(' is kept in ')[1] ?? '';
      sweepLater(dirname(home));
      expect(home.startsWith(`${FALLBACK_DIRECTORY}/`)).toBe(true);
      await query(first.url, CREATE);
      await first.stop();

      // Also when the way to the directory has been opened meanwhile.
      await chmod(dirname(directory), 0o711);
      expect(await query((await start(directory)).url, SELECT)).toEqual(KEPT);
    },
  );

  whenRoot('programs that this user cannot reach are copied, once, and run from the copy', async () => {
    const target = await mkdtemp(join(tmpdir(), 'parley-embedded-'));
    sweepLater(target);
    const said: string[] = [];
    const copy = await copyBinaries(await findBinaries(), target, (line) => said.push(line));
    const again = await copyBinaries(await findBinaries(), target, (line) => said.push(line));

    expect(again).toEqual(copy);
    expect(said).toHaveLength(1);
    await chmod(target, 0o711);
    expect(spawnSync(copy.initdb, ['--version'], { uid: 65_534, gid: 65_534 }).status).toBe(0);
    expect((await findBinaries(dirname(copy.initdb))).major).toBe(copy.major);
  });
});

describe('as an ordinary user', () => {
  whenOrdinary('a directory that may not be written is named', async () => {
    const directory = await freshDirectory(0o500);
    await expect(start(join(directory, '.data'))).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(`${directory}/.data`),
    });
    await chmod(directory, 0o700);
  });
});
