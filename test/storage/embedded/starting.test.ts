import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { portOf } from '../../support/database-url.ts';
import {
  freshDirectory,
  homeIn,
  query,
  removeOriginal,
  start,
  startInAnotherProcess,
  sweep,
  usedDirectory,
} from '../../support/embedded-sandbox.ts';
import { CREATE, KEPT, SELECT } from '../../support/kept-table.ts';

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
