import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { poolExecutor } from '../../src/storage/executor.ts';
import { createPool } from '../../src/storage/pool.ts';
import type { Statement } from '../../src/storage/statement.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { noPgBouncer, type PgBouncer, SERVER_CONNECTIONS, startPgBouncer } from '../support/pgbouncer.ts';

const OURS = {
  // The order of day and month is for input alone, where Parley writes none of these.
  DateStyle: 'ISO, DMY',
  TimeZone: 'UTC',
  enable_seqscan: 'off',
  idle_in_transaction_session_timeout: '400ms',
  jit: 'off',
  lock_timeout: '300ms',
  plan_cache_mode: 'force_generic_plan',
  statement_timeout: '600ms',
};
/** Of the database, and so of every session that does not choose. */
const DEFAULTS = {
  DateStyle: 'SQL, DMY',
  TimeZone: 'Asia/Tokyo',
  enable_seqscan: 'on',
  idle_in_transaction_session_timeout: '0',
  jit: 'on',
  lock_timeout: '0',
  plan_cache_mode: 'auto',
  statement_timeout: '2min',
};
/** More than there are sessions, so that every session serves several of them. */
const CLIENTS = 3 * SERVER_CONNECTIONS;

const names = Object.keys(OURS).map((name) => `'${name}'`);
const SETTINGS = `SELECT json_object_agg(name, current_setting(name)) AS settings FROM unnest(ARRAY[${names}]) name`;
const PREPARED_SETTINGS: Statement<object> = {
  name: 'settings',
  text: SETTINGS,
  row: ([settings]) => settings as object,
};

describeUnless(noPgBouncer, 'a pool behind PgBouncer')('a pool behind PgBouncer', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;
  let pool: pg.Pool & AsyncDisposable;
  /** Another program's, which shares the sessions. */
  let other: pg.Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { rows } = await database.pool.query('SELECT current_database() AS name');
    for (const [name, value] of Object.entries(DEFAULTS))
      await database.pool.query(`ALTER DATABASE ${rows[0].name} SET ${name} = '${value}'`);
    bouncer = await startPgBouncer(database.url);
    pool = createPool({
      url: bouncer.url,
      pooled: true,
      size: CLIENTS,
      waitMs: 5_000,
      statementTimeoutMs: 600,
      lockTimeoutMs: 300,
      idleTransactionTimeoutMs: 400,
      onConnectionLost: () => {},
    });
    other = new pg.Pool({ connectionString: bouncer.url, max: CLIENTS });
    // Its idle connections end with the pooler.
    other.on('error', () => {});
  });
  afterAll(async () => {
    await other.end();
    await pool[Symbol.asyncDispose]();
    await bouncer[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Asks in every form that a statement can have, on all connections at once. @returns each answer once */
  async function settingsSeen(): Promise<unknown[]> {
    const executor = poolExecutor(pool);
    const seen = await Promise.all(
      Array.from({ length: CLIENTS }, async () => [
        (await pool.query(SETTINGS)).rows[0].settings,
        (await pool.query({ text: `${SETTINGS} WHERE $1`, values: [true] })).rows[0].settings,
        (await pool.query({ name: 'with values', text: `${SETTINGS} WHERE $1`, values: [true] })).rows[0]
          .settings,
        ...(await executor.run(PREPARED_SETTINGS, [])),
        ...(await inTransaction((client) => client.query(SETTINGS))).rows.map(({ settings }) => settings),
      ]),
    );
    return distinct(seen.flat());
  }

  const distinct = (values: readonly object[]) =>
    [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));

  async function inTransaction<T>(work: (client: pg.PoolClient) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    const client = await pool.connect();
    let broken = true;
    try {
      await client.query(begin);
      const result = await work(client);
      await client.query('COMMIT');
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  test('has its settings in every statement, and other programs have theirs', async () => {
    expect((await other.query(SETTINGS)).rows[0].settings).toEqual(DEFAULTS);
    expect(await settingsSeen()).toEqual([OURS]);
    const others = await Promise.all(Array.from({ length: CLIENTS }, () => other.query(SETTINGS)));
    expect(distinct(others.map(({ rows }) => rows[0].settings))).toEqual([DEFAULTS]);
  });

  test('has them in sessions that are new, too', async () => {
    const pids = async () =>
      (await bouncer.command('SHOW SERVERS')).rows.map(({ remote_pid }) => remote_pid as number);
    const before = await pids();
    await bouncer.command('RECONNECT');
    expect(await settingsSeen()).toEqual([OURS]);
    await eventually(async () => !(await pids()).some((pid) => before.includes(pid)));
    expect(await settingsSeen()).toEqual([OURS]);
  });

  test('has them in sessions that another program has changed for good', async () => {
    const spoilt = { ...DEFAULTS, statement_timeout: '1min', plan_cache_mode: 'force_custom_plan' };
    const spoil = Object.entries(spoilt).map(([name, value]) => `SET ${name} = '${value}'`);
    const sessions = await Promise.all(
      Array.from({ length: SERVER_CONNECTIONS }, async () => {
        const client = await other.connect();
        await client.query('BEGIN');
        return client;
      }),
    );
    for (const client of sessions) {
      await client.query(`${spoil.join('; ')}; COMMIT`);
      client.release();
    }
    expect((await other.query(SETTINGS)).rows[0].settings).toEqual(spoilt);
    expect(await settingsSeen()).toEqual([OURS]);
    expect((await other.query(SETTINGS)).rows[0].settings).toEqual(spoilt);
    await bouncer.command('RECONNECT');
  });

  test('keeps the isolation that a transaction begins with, and gives one result for each statement', async () => {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    const { rows } = await inTransaction((client) => client.query('SHOW transaction_isolation'), begin);
    expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }]);
    const client = await pool.connect();
    try {
      expect(await client.query(begin)).toMatchObject({ command: 'BEGIN', rows: [] });
      expect(await client.query('SELECT 1 AS one')).toMatchObject({ command: 'SELECT', rows: [{ one: 1 }] });
      expect(await client.query('SET LOCAL jit = on')).toMatchObject({ command: 'SET', rows: [] });
      expect((await client.query('SHOW jit')).rows).toEqual([{ jit: 'on' }]);
      expect(await client.query('ROLLBACK')).toMatchObject({ command: 'ROLLBACK', rows: [] });
      expect(await client.query('SELECT $1::int AS two', [2])).toMatchObject({
        command: 'SELECT',
        rows: [{ two: 2 }],
      });
    } finally {
      client.release();
    }
  });

  test('bounds statements, waits for locks and idle transactions', async () => {
    await expect(pool.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    await expect(pool.query('SELECT pg_sleep($1)', [10])).rejects.toMatchObject({ code: '57014' });
    await expect(inTransaction((client) => client.query('SELECT pg_sleep(10)'))).rejects.toMatchObject({
      code: '57014',
    });
    await inTransaction(async (client) => {
      await client.query('LOCK TABLE users');
      await expect(pool.query('SELECT count(*) FROM users')).rejects.toMatchObject({ code: '55P03' });
    });
    const idle = await pool.connect();
    let lost = false;
    idle.on('error', () => {
      lost = true;
    });
    await idle.query('BEGIN');
    await eventually(() => lost);
    idle.release(true);
    expect(await settingsSeen()).toEqual([OURS]);
  });

  const numbered = (i: number): Statement<unknown> => ({
    name: `number ${i}`,
    text: `SELECT ${i} + $1::int`,
    row: ([sum]) => sum,
  });
  const ROUNDS = 40;

  test('never meets a statement that another connection has prepared, or lacks one, while sessions change', async () => {
    // The case means something: with names, the first rounds fail already.
    const named = Array.from({ length: CLIENTS }, async () => {
      const { name, text } = numbered(0);
      for (let i = 0; i < ROUNDS; i++) await other.query({ name, text, values: [i] });
    });
    const failures = (await Promise.allSettled(named)).flatMap((each) =>
      each.status === 'rejected' ? [each.reason.code] : [],
    );
    expect(failures.length).toBeGreaterThan(0);
    for (const code of failures) expect(['42P05', '26000']).toContain(code);

    const executor = poolExecutor(pool);
    const lanes = Array.from({ length: CLIENTS }, async (_, lane) => {
      for (let i = 0; i < ROUNDS; i++) {
        if (lane === 0 && i % 10 === 5) await bouncer.command('RECONNECT');
        expect(await executor.run(numbered(i % 7), [lane])).toEqual([(i % 7) + lane]);
        const { rows } = await pool.query({
          name: `p${i % 3}`,
          text: `SELECT ${i % 3} + $1::int`,
          values: [1],
        });
        expect(Object.values(rows[0])).toEqual([(i % 3) + 1]);
      }
    });
    await Promise.all(lanes);
    const { rows } = await pool.query("SELECT name FROM pg_prepared_statements WHERE name LIKE 'p%'");
    expect(rows).toEqual([]);
  });

  test('describes a statement anew each time, as a table may have changed under it', async () => {
    await database.pool.query('CREATE TABLE counted (n int); INSERT INTO counted VALUES (1)');
    const count = { name: 'count', text: 'SELECT n FROM counted', row: ([n]: readonly unknown[]) => n };
    const executor = poolExecutor(pool);
    expect(await executor.run(count, [])).toEqual([1]);
    await database.pool.query('ALTER TABLE counted ALTER n TYPE text');
    expect(await executor.run(count, [])).toEqual(['1']);
  });

  test('gives up an answer that does not come, and goes on when answers come again', async () => {
    await bouncer.command('PAUSE');
    const asked = pool.query('SELECT 1');
    await expect(asked).rejects.toThrow('Query read timeout');
    await bouncer.command('RESUME');
    expect(await settingsSeen()).toEqual([OURS]);
  });

  test('goes on by itself with a pooler that was killed and is back', async () => {
    await bouncer.kill();
    await expect(pool.query('SELECT 1')).rejects.toThrow();
    await bouncer.restart();
    await eventually(async () => expect(await settingsSeen()).toEqual([OURS]));
  });
});
