import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { onDatabase } from './database-url.ts';
import { adminUrl } from './environment.ts';
import { eventually } from './eventually.ts';
import { templateOf, testedForm } from './template.ts';

/** A migrated database of one test's own. Close it in `afterAll` or `afterEach`: `() => database[Symbol.asyncDispose]()`. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly pool: pg.Pool;
}

/** Autovacuum may be looking at the template; PostgreSQL itself waits 5 s for it to leave. */
const CLONE_WITHIN_MS = 15_000;
const OBJECT_IN_USE = '55006';

/** Clones the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin((admin) => clone(admin, name));
  const url = onDatabase(adminUrl(), name);
  const pool = new pg.Pool({ connectionString: url });
  // `end()` resolves before the server knows: dropping the database then cuts a connection that is on its way out.
  pool.on('error', () => {});
  // A connection that a test has cut shows in its next query; without listeners it would end the test process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    url,
    pool,
    [Symbol.asyncDispose]: async () => {
      const inUse = pool.totalCount - pool.idleCount;
      // Not awaited with clients still out: it would wait for them for good.
      const ended = pool.end();
      if (inUse === 0) await ended;
      await asAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
      if (inUse > 0) throw new Error(`${inUse} clients were taken from the test's pool and never released`);
    },
  };
}

// file_copy: faster here than wal_log, the default, since the template is small and not being written.
async function clone(admin: pg.Client, name: string): Promise<void> {
  const failure = await eventually(
    () =>
      admin
        .query(`CREATE DATABASE ${name} TEMPLATE ${templateOf(testedForm())} STRATEGY file_copy`)
        .then(() => undefined, passUnlessBusy),
    { withinMs: CLONE_WITHIN_MS },
  );
  if (failure !== undefined) throw failure;
}

/** Thrown means: try again. */
function passUnlessBusy(error: pg.DatabaseError): pg.DatabaseError {
  if (error.code === OBJECT_IN_USE) throw error;
  return error;
}

/** On the tests' server, in a database that no test changes. */
export async function asAdmin<T>(act: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await act(admin);
  } finally {
    await admin.end();
  }
}
