import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestPool } from '../../support/test-pool.ts';
import { explained } from './explained.ts';
import { fill, type Size } from './fill.ts';
import { complaints } from './judge.ts';
import { findLandmarks, type Landmarks } from './landmarks.ts';
import { STORAGE_CALLS } from './operations/storage-calls.ts';
import { PlanLog } from './plan-log.ts';

/** A few pages of each table, which PostgreSQL would rather read whole. */
const YOUNG: Size = { users: 100, long: 120, oneSided: 10, peers: 5, others: 20 };

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
let log: PlanLog;
let at: Landmarks;

beforeAll(async () => {
  database = await createTestDatabase();
  await fill(database.pool, YOUNG);
  log = new PlanLog();
  pool = createTestPool(explained(database.url, 'force_generic_plan'), 1);
  at = await findLandmarks(database.pool);
});

afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  log[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

describe('analysed while they were small, tables are searched by their indexes, by', () => {
  test.each(STORAGE_CALLS)('$what', async ({ call }) => {
    const plans = await log.during(() => call(pool, at));
    expect(complaints(plans, { rows: Number.POSITIVE_INFINITY })).toEqual([]);
  });
});
