import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, processesIn, run, start } from '../support/operator.ts';

// Slow, not late: a start of a whole server, and several of its database.
jest.setTimeout(90_000);

let folder: string;
beforeAll(async () => {
  folder = await freshDirectory();
});
afterEach(endAll);
afterAll(sweep);

// Passed by name, so that the folder shows in the command lines of all that belongs to it.
const inFolder = () => ({ folder, environment: { PORT: '0', DATA_DIR: folder } });
const status = () => run('scale', { ...inFolder(), args: ['status'] });
const DEMO = /^Messages +395, counted$/m;

test('without an embedded database there is nothing to look at, and none is made', async () => {
  const missing = join(folder, 'missing');
  const { code, stdout, stderr } = await run('scale', {
    folder,
    args: ['status'],
    environment: { DATA_DIR: missing },
  });
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: `DATABASE_URL is missing, and there is no embedded database in ${missing}: which database is meant?\n`,
  });
  await expect(access(missing)).rejects.toThrow('ENOENT');
  // A folder is no database either.
  expect((await status()).stderr).toMatch(/^DATABASE_URL is missing, and there is no embedded database in /);
  await expect(access(join(folder, 'postgres'))).rejects.toThrow('ENOENT');
});

test('of a server that runs the database is looked at, and goes on; without one it is started and stopped again', async () => {
  const parley = start('parley', inFolder());
  const url = await parley.url();
  expect(await status()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(DEMO) });
  expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
  parley.press('SIGTERM');
  expect(await parley.ended).toMatchObject({ code: 0, stderr: '' });

  expect(processesIn(folder)).toEqual([]);
  expect(await status()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(DEMO) });
  expect(processesIn(folder)).toEqual([]);
});

test('what a killed server has left running is looked at, and left running', async () => {
  const parley = start('parley', inFolder());
  await parley.url();
  parley.press('SIGKILL');
  await parley.ended;
  expect(await status()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(DEMO) });
  expect(processesIn(folder)).not.toEqual([]);
  // The next start takes it over.
  const next = start('parley', inFolder());
  await next.url();
  next.press('SIGTERM');
  await next.ended;
  expect(processesIn(folder)).toEqual([]);
});

test('stopped with Ctrl-C it takes along the database that it has started', async () => {
  const asked = start('scale', { ...inFolder(), args: ['status'] });
  // Up, so that an interruption which forgets it leaves something to be found.
  await eventually(() => processesIn(folder).some((line) => line.includes('postgres')), { withinMs: 20_000 });
  asked.press('SIGINT');
  asked.press('SIGINT');
  const { code, stdout } = await asked.ended;
  expect({ code, stdout, left: processesIn(folder) }).toEqual({ code: 1, stdout: '', left: [] });
});
