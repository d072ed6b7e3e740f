import { beforeEach, expect, test } from '@jest/globals';
import { inBatches, type PassWatcher } from '../../src/storage/scaling/batches.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { eventually } from '../support/eventually.ts';
import { databaseOfEachTest } from './each-test.ts';

const NEVER = new AbortController().signal;
const RANGE = { since: 0n, reached: 0n, until: 200n };
/** More than a batch may take. */
const TOO_LONG_MS = 100;

const database = databaseOfEachTest(async (pool) => {
  await pool.query('CREATE TABLE done (id bigint, rows int)');
});

let tried: { readonly after: number; readonly rows: number }[];
let held: number[];
let told: string[];
beforeEach(() => {
  tried = [];
  held = [];
  told = [];
});
const watcher: PassWatcher = {
  onAdvance: (_done, ms) => held.push(ms),
  tell: (line) => told.push(line),
};

/** Each batch takes as long as `took` says. */
function run(took: (after: number, rows: number) => number): Promise<void> {
  return withSession(database.url, (session) => {
    const work = async (after: string, until: string, rows: number) => {
      tried.push({ after: Number(after), rows });
      const last = Math.min(Number(after) + rows, Number(until));
      await session.query(
        `INSERT INTO done SELECT id, ${rows} FROM generate_series(${after}::int + 1, ${last}) id`,
      );
      await session.query(`SELECT pg_sleep(${took(Number(after), rows) / 1_000})`);
      return String(last);
    };
    return inBatches(session, RANGE, { work }, watcher, NEVER);
  });
}

const done = async () =>
  (await database.pool.query('SELECT id::int FROM done ORDER BY id')).rows.map(({ id }) => id);
const ALL = Array.from({ length: 200 }, (_, i) => i + 1);

test('a batch that takes too long is undone, and tried with half as many messages', async () => {
  await run((_after, rows) => (rows > 30 ? TOO_LONG_MS : 0));
  expect(tried.slice(0, 3)).toEqual([
    { after: 0, rows: 100 },
    { after: 0, rows: 50 },
    { after: 0, rows: 25 },
  ]);
  expect(await done()).toEqual(ALL);
  // The time of those that were undone counts, too.
  expect(held).toHaveLength(tried.length);
});

test('one message may take as long as it needs', async () => {
  await run((after, rows) => (after <= 40 && after + rows > 40 ? TOO_LONG_MS : 0));
  expect(tried).toContainEqual({ after: 40, rows: 1 });
  expect(await done()).toEqual(ALL);
  expect(told).toEqual([]);
});

test('who is canceled by somebody else ends', async () => {
  const canceling = run((after, rows) =>
    after === 0 && rows === 1 ? 60_000 : after === 0 ? TOO_LONG_MS : 0,
  );
  const refused = expect(canceling).rejects.toThrow(/canceling statement due to user request/);
  await eventually(() => tried.some(({ rows }) => rows === 1));
  await eventually(async () => {
    const { rows } = await database.pool.query(
      `SELECT pg_cancel_backend(pid) AS canceled FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'parley-scale' AND query LIKE 'SELECT pg_sleep(60)%'`,
    );
    return rows[0]?.canceled === true;
  });
  await refused;
  expect(await done()).toEqual([]);
});
