import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { type Circumstances, endAll, run } from '../support/operator.ts';

type OwnDatabase = Pick<TestDatabase, 'url' | 'pool'>;

/** A migrated database of each test's own: the one of the test that runs. @param prepare gets it before the test does */
export function databaseOfEachTest(prepare: (pool: Pool) => Promise<unknown> = async () => {}): OwnDatabase {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    await prepare(database.pool);
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
  });
  return {
    get url() {
      return database.url;
    },
    get pool() {
      return database.pool;
    },
  };
}

/** The same, and `npm run scale` on it, in a folder of the file's own. */
export function commandsOfEachTest(prepare?: (pool: Pool) => Promise<unknown>) {
  let folder: string;
  beforeAll(async () => {
    folder = await freshDirectory();
  });
  // Before the database goes.
  afterEach(endAll);
  const database = databaseOfEachTest(prepare);
  afterAll(sweep);

  /** What `start` takes, too. */
  const circumstances = (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Circumstances => ({ folder, args, environment: { DATABASE_URL: database.url, ...environment } });
  return {
    database,
    circumstances,
    scale: (args: readonly string[], environment?: Readonly<Record<string, string>>) =>
      run('scale', circumstances(args, environment)),
  };
}
