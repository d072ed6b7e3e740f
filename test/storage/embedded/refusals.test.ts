import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { explain } from '../../../src/storage/embedded/error.ts';
import {
  freshDirectory,
  homeIn,
  removeOriginal,
  start,
  sweep,
  usedDirectory,
} from '../../support/embedded-sandbox.ts';

afterEach(sweep);
afterAll(removeOriginal);

describe('refusals say what to do', () => {
  test('the data of another major version are left alone', async () => {
    const directory = await usedDirectory();
    await (await start(directory)).stop();
    await writeFile(join(homeIn(directory), 'data', 'PG_VERSION'), '9\n');

    await expect(start(directory)).rejects.toMatchObject({
      code: 'OTHER_MAJOR_VERSION',
      message: expect.stringMatching(/made by PostgreSQL 9, and this Parley brings PostgreSQL \d+: move /),
    });
  });

  test('an incomplete database is not taken for a new one', async () => {
    const directory = await usedDirectory();
    await (await start(directory)).stop();
    await rm(join(homeIn(directory), 'data', 'PG_VERSION'));

    await expect(start(directory)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('does not hold a complete database'),
    });
  });

  test('a server that does not start shows the end of its log', async () => {
    await expect(
      start(await usedDirectory(), { settings: { shared_buffers: 'plenty' } }),
    ).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(
        /its log, .+server\.log, ends with:\n(.|\n)*invalid value for parameter "shared_buffers"/,
      ),
    });
  });

  test('a directory whose name pg_ctl would let a shell run is refused', async () => {
    await expect(start(join(await freshDirectory(), '$(reboot)'))).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('rename that folder'),
    });
  });

  test('programs that are not there are named', async () => {
    await expect(start(await freshDirectory(), { binDirectory: '/nowhere/bin' })).rejects.toMatchObject({
      code: 'NO_BINARIES',
      message: expect.stringContaining('/nowhere/bin/initdb does not run on this machine'),
    });
  });

  // As Node.js, initdb and the server reported it on a full and on a read-only tmpfs.
  test.each([
    ['a full disk', 'ENOSPC: no space left on device, write', 'DISK_FULL'],
    [
      'initdb on a full disk, with its chatter',
      'selecting dynamic shared memory implementation ... posix\nFATAL:  could not extend file "base/1/2691"\nHINT:  Check free disk space.',
      'DISK_FULL',
    ],
    ['a server on a full disk', 'FATAL:  could not write lock file: No space left on device', 'DISK_FULL'],
    ['a read-only disk', "ENOENT: no such file or directory, mkdir '/parley/.data'", 'NOT_WRITABLE'],
    [
      'a folder of somebody else',
      'FATAL:  could not open file "pg_control": Permission denied',
      'NOT_WRITABLE',
    ],
    [
      'too little shared memory',
      'could not resize shared memory segment: No space left on device',
      'START_FAILED',
    ],
    ['a program that may not start', 'spawn EPERM', 'START_FAILED'],
  ])('%s is told apart from the rest', (_, reported, code) => {
    const error = explain(new Error(reported), '/parley/.data');
    expect(error.code).toBe(code);
    expect(error.message).toContain('/parley/.data');
    expect(error.message).toContain(reported);
  });
});
