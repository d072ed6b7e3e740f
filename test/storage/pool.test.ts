import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool } from '../../src/storage/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

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
  const holder = await pool.connect();
  try {
    await expect(pool.query('SELECT 1')).rejects.toThrow('timeout');
  } finally {
    holder.release();
    await pool.end();
  }
});
