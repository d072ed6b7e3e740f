import { spawnSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { portOf } from '../../support/database-url.ts';
import {
  deadPid,
  freshDirectory,
  homeIn,
  killHard,
  postmasterPid,
  query,
  removeOriginal,
  start,
  startInAnotherProcess,
  sweep,
  usedDirectory,
} from '../../support/embedded-sandbox.ts';
import { eventually } from '../../support/eventually.ts';
import { CREATE, KEPT, SELECT } from '../../support/kept-table.ts';

// Slow, not late: several starts of whole servers in a row.
jest.setTimeout(90_000);

afterEach(sweep);
afterAll(removeOriginal);

describe('after a crash', () => {
  test('a server that was killed starts again at once with its data, and its end harms no process', async () => {
    const directory = await usedDirectory();
    const first = await start(directory, { settings: {} });
    await query(first.url, CREATE);
    process.kill(await postmasterPid(homeIn(directory)), 'SIGKILL');
    const second = await start(directory);

    expect(await query(second.url, SELECT)).toEqual(KEPT);
    // The first handle must not stop what is no longer its own.
    await first.stop();
    expect(await query(second.url, SELECT)).toEqual(KEPT);
  });

  test('a lock file whose process number went to another program is no obstacle', async () => {
    const directory = await usedDirectory();
    const first = await start(directory);
    await first.stop();
    const data = join(homeIn(directory), 'data');
    await writeFile(
      join(data, 'postmaster.pid'),
      `${process.pid}\n${data}\n1700000000\n${portOf(first.url)}\n\n127.0.0.1\n\nready   \n`,
      { mode: 0o600 },
    );

    expect(await query((await start(directory)).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a copy of the directory does not take over the server of the original', async () => {
    const original = await usedDirectory();
    const running = await start(original);
    await query(running.url, CREATE);
    await query(running.url, 'CHECKPOINT');
    const copy = await freshDirectory();
    spawnSync('cp', ['-a', homeIn(original), copy]);
    const other = await start(copy);

    expect(portOf(other.url)).not.toBe(portOf(running.url));
    expect(await query(other.url, 'SHOW data_directory')).toEqual([
      { data_directory: join(homeIn(copy), 'data') },
    ]);
  });

  test('a start that was killed while it created the database is begun anew', async () => {
    const directory = await freshDirectory();
    const owner = startInAnotherProcess(directory);
    const draft = `postgres.creating-${owner.process.pid}`;
    await eventually(async () => (await stat(join(directory, draft, 'data', 'base'))).isDirectory());
    await killHard(owner.process);
    expect(await readdir(directory)).toEqual([draft]);
    const { url } = await start(directory);

    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(directory)).toEqual(['postgres']);
  });

  test('drafts of dead processes go, and a draft that a live one works on stays', async () => {
    const directory = await freshDirectory();
    await mkdir(join(directory, `postgres.creating-${await deadPid()}`));
    await mkdir(join(directory, `postgres.creating-${process.ppid}`));
    await start(directory);

    expect((await readdir(directory)).sort()).toEqual(['postgres', `postgres.creating-${process.ppid}`]);
  });
});
