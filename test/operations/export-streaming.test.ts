import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { endAll, type Running, start } from '../support/operator.ts';
import { mountSmallDisk, noSmallDisk } from '../support/small-disk.ts';
import { BEGINNING, insertMany, MANY } from './exporting/many-messages.ts';
import { BEGUN_WITHIN_MS, cutExport, pausedExport } from './exporting/paused-export.ts';

// Slow, not late: each test starts programs, and some of those write all messages.
jest.setTimeout(90_000);

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertMany(database.pool, MANY);
});
beforeEach(async () => {
  folder = await freshDirectory();
});
afterEach(endAll);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await sweep();
});

const ALL = ['--since', BEGINNING, '--format', 'ndjson'];
const exportAll = (...args: readonly string[]) =>
  start('export', { folder, args: [...ALL, ...args], environment: { DATABASE_URL: database.url } });

const numbersIn = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => (Date.parse(JSON.parse(line).createdAt) - Date.parse(BEGINNING)) / 1_000);
const exported = `exported ${MANY.toLocaleString('en')} messages`;
const inOrder = Array.from({ length: MANY }, (_, i) => i);

/** Runs `act` while an export that goes to a file waits for a lock, in the middle of its work. */
async function whileExporting(act: (running: Running) => Promise<unknown>, ...args: readonly string[]) {
  const client = await database.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE messages');
    const running = exportAll(...args);
    await eventually(async () => (await waitingForLocks(database.pool)).length === 1, {
      withinMs: BEGUN_WITHIN_MS,
    });
    await act(running);
    await client.query('ROLLBACK');
    return await running.ended;
  } finally {
    client.release(true);
  }
}

describe('an export to a file', () => {
  test('makes it when it is whole, in order, and only for who made it', async () => {
    const { code, stdout, stderr } = await exportAll('--out', 'all.ndjson').ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: `${exported} to all.ndjson\n`,
    });
    expect(await readdir(folder)).toEqual(['all.ndjson']);
    expect(numbersIn(await readFile(join(folder, 'all.ndjson'), 'utf8'))).toEqual(inOrder);
    expect(((await stat(join(folder, 'all.ndjson'))).mode & 0o777).toString(8)).toBe('600');
  });

  test('leaves a file alone that is there already, or appears while it is at work', async () => {
    const path = join(folder, 'mine.txt');
    const refused = {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^mine\.txt is there already; [^\n]+\n$/),
    };
    expect(await whileExporting(() => writeFile(path, 'mine'), '--out', 'mine.txt')).toMatchObject(refused);
    expect(await exportAll('--out', 'mine.txt').ended).toMatchObject(refused);
    expect(await readdir(folder)).toEqual(['mine.txt']);
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves nothing after %s', async (signal) => {
    const ending = await whileExporting(
      async (running) => {
        expect(await readdir(folder)).toEqual([expect.stringMatching(/^all\.ndjson\..+\.part$/)]);
        running.press(signal);
        // Not when the database answers at last.
        await running.ended;
      },
      '--out',
      'all.ndjson',
    );
    expect(ending).toMatchObject({ code: 1, stdout: '', stderr: `stopped by ${signal}\n` });
    expect(await readdir(folder)).toEqual([]);
  });

  test('leaves nothing when the connection is lost', async () => {
    const ending = await whileExporting(() => cutExport(database.pool), '--out', 'all.ndjson');
    expect(ending).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^The export from database "\w+" on [^\n]+ has failed: terminating connection[^\n]+\n$/,
      ),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  describeUnless(noSmallDisk, 'A full disk is')('on a disk that gets full', () => {
    test('leaves nothing, and says so', async () => {
      await using disk = await mountSmallDisk();
      const path = join(disk.directory, 'all.ndjson');
      const { code, stdout, stderr } = await exportAll('--out', path).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^The disk of \S+all\.ndjson is full: nothing of the export is left there\.[^\n]+\n$/,
      );
      expect(await readdir(disk.directory)).toEqual([]);
    });
  });
});

describe('an export whose reader pauses', () => {
  test('ends at once when it is interrupted, with a line and 1', async () => {
    await using exporting = await pausedExport(database.pool, database.url);
    exporting.process.kill('SIGINT');
    expect(await eventually(() => exporting.process.exitCode ?? false)).toBe(1);
    exporting.process.stdout.destroy();
    expect(await exporting.ended()).toEqual({ code: 1, stderr: 'stopped by SIGINT\n' });
  });

  test('says what has become of a connection that was lost meanwhile', async () => {
    await using exporting = await pausedExport(database.pool, database.url);
    await cutExport(database.pool);
    await exporting.text();
    expect(await exporting.ended()).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^The export from database [^\n]+ has failed: terminating connection due to administrator command\.\n$/,
      ),
    });
  });

  test('ends quietly when it goes away, as head does', async () => {
    await using exporting = await pausedExport(database.pool, database.url);
    exporting.process.stdout.destroy();
    expect(await exporting.ended()).toEqual({ code: 0, stderr: '' });
  });
});

// Last: it changes all messages.
test('an export whose reader pauses waits, and goes on with the messages as they were when it began', async () => {
  await using exporting = await pausedExport(database.pool, database.url);
  await database.pool.query(
    'BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM messages; COMMIT',
  );
  await database.pool.query(
    "INSERT INTO messages (sender_id, receiver_id, message_text) VALUES (1, 2, 'new')",
  );
  expect(numbersIn(await exporting.text())).toEqual(inOrder);
  expect(await exporting.ended()).toEqual({ code: 0, stderr: `${exported}\n` });
});
