import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { findBinaries } from '../../src/storage/embedded/binaries.ts';
import { copyBinaries } from '../../src/storage/embedded/copy-binaries.ts';
import { explain } from '../../src/storage/embedded/error.ts';
import { FALLBACK_DIRECTORY } from '../../src/storage/embedded/settle.ts';
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
  sweepLater,
  usedDirectory,
} from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';

const isRoot = process.getuid?.() === 0;
/** Who runs the suite decides which of these cases there are; none is skipped. */
const whenRoot = (...[name, run]: Parameters<typeof test>) => void (isRoot && test(name, run));
const whenOrdinary = (...[name, run]: Parameters<typeof test>) => void (isRoot || test(name, run));

const CREATE = "CREATE TABLE kept AS SELECT 'still here' AS text";
const KEPT = [{ text: 'still here' }];
const SELECT = 'SELECT text FROM kept';

const portOf = (url: string) => Number(new URL(url).port);

afterEach(sweep);
afterAll(removeOriginal);

describe('starting and stopping', () => {
  test('the first start creates the database and says that it takes a while', async () => {
    const said: string[] = [];
    const { url } = await start(await freshDirectory(), { onProgress: (line) => said.push(line) });

    expect(said).toEqual([expect.stringContaining('Creating the database')]);
    expect(
      await query(
        url,
        `SELECT current_database() AS database, current_user AS user, usesuper, datcollate,
                pg_encoding_to_char(encoding) AS encoding
         FROM pg_user, pg_database WHERE usename = current_user AND datname = current_database()`,
      ),
    ).toEqual([{ database: 'parley', user: 'parley', usesuper: true, datcollate: 'C', encoding: 'UTF8' }]);
  });

  test('only this machine can reach the server, with the password that is in a file only its user can read', async () => {
    const directory = await usedDirectory();
    const { url } = await start(directory);
    const file = join(homeIn(directory), 'password');

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(new URL(url).password).toBe(await readFile(file, 'utf8'));
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await expect(query(url.replace(/:\w+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('a server is durable, speaks UTC and has 200 connections, unless its settings say otherwise', async () => {
    const shown = `SELECT current_setting('fsync') AS fsync, current_setting('timezone') AS zone,
                          current_setting('max_connections') AS connections`;
    const directory = await usedDirectory();
    const plain = await start(directory, { settings: {} });
    expect(await query(plain.url, shown)).toEqual([{ fsync: 'on', zone: 'UTC', connections: '200' }]);
    await plain.stop();

    const changed = await start(directory, { settings: { fsync: 'off', max_connections: '20' } });
    expect(await query(changed.url, shown)).toEqual([{ fsync: 'off', zone: 'UTC', connections: '20' }]);
  });

  test('a second start keeps the data, the password and the port', async () => {
    const directory = await usedDirectory();
    const first = await start(directory);
    await query(first.url, CREATE);
    await first.stop();
    const said: string[] = [];
    const second = await start(directory, { onProgress: (line) => said.push(line) });

    expect(second.url).toBe(first.url);
    expect(await query(second.url, SELECT)).toEqual(KEPT);
    expect(said).toEqual([]);
  });

  test('stopping twice, also at the same time, stops once', async () => {
    const server = await start(await usedDirectory());
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a directory whose name a shell could misread works', async () => {
    const { url } = await start(join(await freshDirectory(), "it's; a & (place)"));
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('a port that another program took meanwhile is replaced', async () => {
    const directory = await usedDirectory();
    const first = await start(directory);
    await first.stop();
    const squatter = createServer().listen(portOf(first.url), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start(directory);
      expect((squatter.address() as AddressInfo).port).toBe(portOf(first.url));
      expect(portOf(second.url)).not.toBe(portOf(first.url));
      expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      squatter.close();
    }
  });

  test('SIGINT to the whole process group, as Ctrl-C sends it, leaves the server up until stop()', async () => {
    const owner = startInAnotherProcess(await usedDirectory());
    const url = await owner.url;
    const draining = once(owner.process, 'message');
    process.kill(-(owner.process.pid as number), 'SIGINT');

    expect(await draining).toEqual(['draining', undefined]);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    const exit = once(owner.process, 'exit');
    owner.process.send('stop');
    expect(await exit).toEqual([0, null]);
    await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('one owner', () => {
  test('a second process is refused while the first one lives, and told whom to stop', async () => {
    const directory = await usedDirectory();
    const owner = startInAnotherProcess(directory);
    const url = await owner.url;

    await expect(start(directory)).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringMatching(
        new RegExp(
          `Another Parley \\(process ${owner.process.pid}\\) is running from ${directory}: stop it first`,
        ),
      ),
    });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('of two first starts at the same time one succeeds and the other is refused', async () => {
    const directory = await freshDirectory();
    const elsewhere = startInAnotherProcess(directory);
    const here = start(directory).then(
      () => 'here',
      (error: { code: string }) => error.code,
    );
    const there = elsewhere.url.then(
      () => 'there',
      (error: Error) => /IN_USE/.exec(error.message)?.[0],
    );

    expect([
      ['here', 'IN_USE'],
      ['IN_USE', 'there'],
    ]).toContainEqual(await Promise.all([here, there]));
  });

  test('the next start takes over the server of a process that was killed', async () => {
    const directory = await usedDirectory();
    const owner = startInAnotherProcess(directory);
    await query(await owner.url, CREATE);
    const pid = await postmasterPid(homeIn(directory));
    await killHard(owner.process);
    const said: string[] = [];
    const server = await start(directory, { onProgress: (line) => said.push(line) });

    expect(server.url).toBe(await owner.url);
    expect(await postmasterPid(homeIn(directory))).toBe(pid);
    expect(await query(server.url, SELECT)).toEqual(KEPT);
    expect(said).toEqual([expect.stringContaining('Took over')]);
    await server.stop();
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('the ownership comes back after a crash inside the server has dropped all connections', async () => {
    const directory = await usedDirectory();
    const { url } = await start(directory);
    const locks = "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'";
    expect(await query(url, locks)).toEqual([{ locks: 1 }]);

    const [backend] = await query(
      url,
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'parley embedded%'",
    );
    process.kill(backend?.['pid'] as number, 'SIGKILL');

    await eventually(async () => expect(await query(url, locks)).toEqual([{ locks: 1 }]), {
      withinMs: 15_000,
    });
  });
});

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

  whenOrdinary('a directory that may not be written is named', async () => {
    const directory = await freshDirectory(0o500);
    await expect(start(join(directory, '.data'))).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(`${directory}/.data`),
    });
    await chmod(directory, 0o700);
  });
});

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
