import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { type Fitness, onceAnswered, watchFitness } from '../../src/storage/fitness.ts';
import { readMigrations } from '../../src/storage/migrations/source.ts';
import { createPool } from '../../src/storage/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { portOf } from '../support/database-url.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const CONNECT_MS = 500;
const NEVER = new AbortController().signal;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

let network: TcpProxy;
let pool: Pool & AsyncDisposable;
let check: () => Promise<Fitness>;
beforeEach(async () => {
  network = await startTcpProxy(portOf(database.url));
  pool = createPool({
    url: network.reroute(database.url),
    size: 2,
    waitMs: CONNECT_MS,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 5_000,
    pooled: false,
    idleTransactionTimeoutMs: 5_000,
    onConnectionLost: () => {},
  });
  check = watchFitness(
    { pool, pooled: false, whyUnprepared: async () => null },
    await readMigrations(),
    () => {},
  );
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
});

describe('a database', () => {
  test('that is silent at first is waited for', async () => {
    network.drop();
    const silences: (string | undefined)[] = [];
    const found = await onceAnswered(check, 20_000, NEVER, (detail) => {
      silences.push(detail);
      if (silences.length === 2) void network.heal();
    });
    expect(found).toEqual({ fit: true, warning: null });
    expect(silences.length).toBeGreaterThanOrEqual(2);
    expect(silences[0]).toMatch(/timeout/);
  });

  test('that stays silent is given up when the time is over', async () => {
    network.drop();
    const asked = performance.now();
    const found = await onceAnswered(check, 2 * CONNECT_MS, NEVER, () => {});
    expect(found).toMatchObject({ fit: false, reason: 'The database cannot be reached', silent: true });
    expect(performance.now() - asked).toBeGreaterThanOrEqual(2 * CONNECT_MS);
  });

  test('that refuses is not asked again', async () => {
    network.refuse();
    const found = await onceAnswered(check, 20_000, NEVER, () => {
      throw new Error('asked again');
    });
    expect(found).toMatchObject({ fit: false, silent: false });
  });
});
