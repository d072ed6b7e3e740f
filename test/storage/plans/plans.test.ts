import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { createTestPool } from '../../support/test-pool.ts';
import { explained, PLAN_MODES } from './explained.ts';
import { fill, LARGE } from './fill.ts';
import { complaints } from './judge.ts';
import { findLandmarks, type Landmarks } from './landmarks.ts';
import { ask } from './operation.ts';
import { OPERATIONS } from './operations/all.ts';
import { OTHER_PROGRAMS } from './operations/other-programs.ts';
import { STORAGE_CALLS } from './operations/storage-calls.ts';
import { PlanLog, SERVER } from './plan-log.ts';
import { type PlannedServer, startPlannedServer } from './planned-server.ts';

const FILLED_WITHIN_MS = 60_000;

let database: TestDatabase;
let log: PlanLog;

beforeAll(async () => {
  database = await createTestDatabase();
  await fill(database.pool, LARGE);
  log = new PlanLog();
}, FILLED_WITHIN_MS);

afterAll(async () => {
  log[Symbol.dispose]();
  await database[Symbol.asyncDispose]();
});

describe.each(PLAN_MODES)('with %s, rows are found by indexes, and few are read, by', (mode) => {
  describe('the API:', () => {
    let server: PlannedServer;
    let at: Landmarks;

    beforeAll(async () => {
      server = await startPlannedServer(log, database, mode);
      at = await findLandmarks(database.pool);
    });

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
    });

    test.each(OPERATIONS)('$what', async (operation) => {
      await operation.before?.(database.pool);
      const plans = await server.plansOf(() => ask(server.url, operation, at));
      expect(complaints(plans, operation)).toEqual([]);
    });
  });

  describe('the storage:', () => {
    let pool: pg.Pool & AsyncDisposable;
    let at: Landmarks;

    beforeAll(async () => {
      pool = createTestPool(explained(database.url, mode), 1);
      at = await findLandmarks(database.pool);
    });

    afterAll(async () => {
      await pool[Symbol.asyncDispose]();
    });

    test.each(STORAGE_CALLS)('$what', async ({ call, ...bounds }) => {
      const plans = await log.during(() => call(pool, at));
      expect(complaints(plans, bounds)).toEqual([]);
    });
  });

  describe('another program, which', () => {
    let client: pg.Client;

    beforeAll(async () => {
      client = new pg.Client({ connectionString: explained(database.url, mode), application_name: SERVER });
      await client.connect();
    });

    afterAll(async () => {
      await client.end();
    });

    test.each(OTHER_PROGRAMS)('$what', async ({ sql, ...bounds }) => {
      await client.query('BEGIN');
      const plans = await log.during(() => client.query(sql));
      await client.query('ROLLBACK');
      expect(complaints(plans, bounds)).toEqual([]);
    });
  });
});
