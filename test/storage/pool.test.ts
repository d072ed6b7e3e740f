import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool } from '../../src/storage/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const LIMITS = {
  size: 2,
  waitMs: 1_000,
  statementTimeoutMs: 1_234,
  lockTimeoutMs: 567,
  pooled: false,
  idleTransactionTimeoutMs: 30_000,
  onConnectionLost: () => {},
};

async function settingsOf(url: string, ...names: readonly string[]): Promise<unknown[]> {
  const pool = createPool({ ...LIMITS, url });
  try {
    const { rows } = await pool.query('SELECT current_setting(name) AS value FROM unnest($1::text[]) name', [
      names,
    ]);
    return rows.map(({ value }) => value);
  } finally {
    await pool.end();
  }
}

const OURS = ['TimeZone', 'statement_timeout', 'lock_timeout'];

test('its sessions are in UTC, and their statements bounded', async () => {
  expect(await settingsOf(database.url, ...OURS)).toEqual(['UTC', '1234ms', '567ms']);
});

test('settings that the address brings are kept, but do not displace these', async () => {
  const url = `${database.url}?options=${encodeURIComponent('-c work_mem=5MB -c TimeZone=Asia/Tokyo')}`;
  expect(await settingsOf(url, 'work_mem', ...OURS)).toEqual(['5MB', 'UTC', '1234ms', '567ms']);
});

test('who waits too long for a connection is told so', async () => {
  const pool = createPool({ ...LIMITS, url: database.url, size: 1, waitMs: 50 });
  // Opening one, too, may take no longer; on a busy machine the first try does.
  const holder = await eventually(() => pool.connect());
  try {
    await expect(pool.query('SELECT 1')).rejects.toThrow('timeout');
  } finally {
    holder.release();
    await pool.end();
  }
});

test('an answer that does not come is given up, and its connection with it; the next one is whole', async () => {
  await using network = await startTcpProxy(portOf(database.url));
  const pool = createPool({
    ...LIMITS,
    url: network.reroute(database.url),
    size: 1,
    statementTimeoutMs: 100,
  });
  try {
    await pool.query('SELECT 1');
    network.drop();
    await expect(pool.query('SELECT 2')).rejects.toThrow('Query read timeout');
    await network.heal();
    expect((await pool.query('SELECT 3 AS three')).rows).toEqual([{ three: 3 }]);
  } finally {
    await pool[Symbol.asyncDispose]();
  }
});

test('a connection that nobody asks, or that was told to wait longer, is left alone', async () => {
  const lost: Error[] = [];
  const pool = createPool({
    ...{ ...LIMITS, url: database.url, size: 1, statementTimeoutMs: 100 },
    onConnectionLost: (error) => lost.push(error),
  });
  try {
    const { rows: before } = await pool.query('SELECT pg_backend_pid() AS pid');
    await delay(2_000);
    const patient = { text: 'SET statement_timeout = 0; SELECT pg_sleep(2)', query_timeout: 10_000 };
    await pool.query(patient as { text: string });
    const { rows: after } = await pool.query('SELECT pg_backend_pid() AS pid');
    expect(after).toEqual(before);
    expect(lost).toEqual([]);
  } finally {
    await pool[Symbol.asyncDispose]();
  }
});
