import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, run, start } from '../support/operator.ts';
import { noPgBouncer, type PgBouncer, type PgBouncerSettings, startPgBouncer } from '../support/pgbouncer.ts';
import { TEST_SECRET } from '../support/server.ts';

// Slow, not late: several starts of whole servers in a row.
jest.setTimeout(90_000);

const START_WITHIN_MS = 20_000;

describeUnless(noPgBouncer, 'a start behind PgBouncer')('a start behind PgBouncer', () => {
  let database: TestDatabase;
  let folder: string;
  let bouncer: PgBouncer | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await freshDirectory();
  });
  afterEach(async () => {
    await endAll();
    await bouncer?.[Symbol.asyncDispose]();
    bouncer = undefined;
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await sweep();
  });

  const own = () => bouncer as PgBouncer;

  async function behind(settings: PgBouncerSettings = {}, more: Readonly<Record<string, string>> = {}) {
    bouncer = await startPgBouncer(database.url, settings);
    const environment = {
      PORT: '0',
      AUTH_JWT_SECRET: TEST_SECRET,
      DATABASE_URL: bouncer.url,
      DATABASE_DIRECT_URL: database.url,
      ...more,
    };
    return { folder, environment };
  }

  /** That it does not start, and says why in one line that holds no secret. @returns the line */
  async function refusal(circumstances: Awaited<ReturnType<typeof behind>>): Promise<string> {
    const { code, stdout, stderr } = await run('parley', circumstances);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).not.toContain(new URL(database.url).password);
    return stderr;
  }

  test.each([
    ['in transaction mode', {}],
    ['in session mode', { pool_mode: 'session' }],
    ['that cleans each session after each transaction', { server_reset_query_always: 1 }],
  ])('%s takes two variables', async (_, settings) => {
    const parley = start('parley', await behind(settings));
    const url = await parley.url();
    expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
  });

  test.each([
    ['refuses its settings', {}],
    ['loses its settings', { ignore_startup_parameters: 'options' }],
  ])('is refused without DATABASE_DIRECT_URL, when the pooler %s', async (_, settings) => {
    expect(await refusal(await behind(settings, { DATABASE_DIRECT_URL: '' }))).toMatch(
      /^DATABASE_URL is a pooler's address, .*: set DATABASE_DIRECT_URL to the address of the database itself/,
    );
  });

  test('is refused in statement mode, which has no transactions', async () => {
    expect(await refusal(await behind({ pool_mode: 'statement' }))).toMatch(
      /^The pooler at DATABASE_URL ends a transaction after each statement: set PgBouncer's pool_mode to transaction/,
    );
  });

  test('is refused by a pooler that has no room for it', async () => {
    const full = await behind({ max_client_conn: 1 });
    const holder = new pg.Client({ connectionString: own().url });
    await holder.connect();
    try {
      expect(await refusal(full)).toMatch(/^The database cannot be reached: no more connections allowed/);
    } finally {
      await holder.end();
    }
  });

  test('is refused with a wrong password, which is not repeated', async () => {
    const { environment } = await behind();
    const wrong = new URL(own().url);
    wrong.password = 'a-wrong-password';
    const line = await refusal({ folder, environment: { ...environment, DATABASE_URL: wrong.href } });
    expect(line).toMatch(/^The database (cannot be reached|refuses): .*authentication failed/);
    expect(line).not.toContain('a-wrong-password');
  });

  test('waits while the pooler is paused, and says so', async () => {
    const circumstances = await behind({}, { DATABASE_POOL_WAIT_MS: '500' });
    await own().command('PAUSE');
    const parley = start('parley', circumstances);
    await eventually(() => /the database does not answer; the start waits for it/.test(parley.output()), {
      withinMs: START_WITHIN_MS,
    });
    await own().command('RESUME');
    await parley.url();
  });
});
