import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import {
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
