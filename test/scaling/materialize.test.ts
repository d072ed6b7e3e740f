import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { UserId } from '../../src/messaging/ids.ts';
import type { MessageReader } from '../../src/messaging/ports.ts';
import { connectionExecutor } from '../../src/storage/executor.ts';
import { materializedReader } from '../../src/storage/readers/materialized.ts';
import { keepFeedFresh } from '../../src/storage/scaling/materializing/refresh.ts';
import { monthOf } from '../../src/storage/scaling/partitioning/months.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { createUsers, startTestServer } from '../support/server.ts';
import { createTestPool } from '../support/test-pool.ts';
import { archiveBefore, bringBack, convertTo, writeHistory } from './conversion.ts';
import { ageFeed, dropFeed, makeFeed, refreshFeed } from './feed.ts';
import { startLoad } from './load.ts';

// Slow, not late: servers are started, and work under load.
jest.setTimeout(90_000);

const NEVER = new AbortController().signal;
const FIRST = { direction: 'forward', limit: 50, after: null, before: null } as const;

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
let alice: UserId;
let bob: UserId;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 1);
  [alice, bob] = (await createUsers(database.pool, 'alice', 'bob')) as [UserId, UserId];
  await writeHistory(database.pool, [alice, bob]);
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** As this strategy reads it. */
async function reading<T>(act: (reader: MessageReader) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await act(materializedReader(connectionExecutor(client)));
  } finally {
    client.release();
  }
}

const newestPage = () => reading((reader) => reader.messagePage(alice, bob, FIRST));
const namesOnPage = async () => (await newestPage()).people.map(({ username }) => username).sort();
const textsOnPage = async () => (await newestPage()).items.map(({ messageText }) => messageText);
const rename = () => database.pool.query(`UPDATE users SET username = 'robert' WHERE id = $1`, [bob]);
/** How often the rows of a table, or of one of its indexes, were looked for. */
async function searches(table: string): Promise<number> {
  await pool.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await pool.query(
    `SELECT (coalesce(seq_scan, 0) + coalesce(idx_scan, 0))::int AS searches FROM pg_stat_user_tables WHERE relname = $1`,
    [table],
  );
  return rows[0].searches;
}

const edit = () =>
  database.pool.query(`UPDATE messages SET message_text = 'edited' WHERE message_text = 'text 2'`);

test.each(['messages', 'users'])('a page of a quiet conversation does not touch %s', async (table) => {
  await makeFeed(database.url);
  expect(await textsOnPage()).toHaveLength(50);
  const before = await searches(table);
  await newestPage();
  expect(await searches(table)).toBe(before);
  // The case means something: what has changed does.
  await edit();
  const edited = await searches(table);
  await newestPage();
  expect(await searches(table)).toBeGreaterThan(edited);
});

describe('after a change', () => {
  beforeEach(() => makeFeed(database.url));

  test('a name is old until the refresh, while messages never are', async () => {
    await rename();
    await edit();
    expect(await textsOnPage()).toContain('edited');
    expect(await namesOnPage()).toEqual(['alice', 'bob']);
    expect(await refreshFeed(database)).toBe(true);
    expect(await namesOnPage()).toEqual(['alice', 'robert']);
  });

  test('no name is older than two hours, even if nobody can refresh the view', async () => {
    await rename();
    await ageFeed(database.pool, '119 min');
    expect(await namesOnPage()).toEqual(['alice', 'bob']);
    await ageFeed(database.pool, '121 min');
    expect(await namesOnPage()).toEqual(['alice', 'robert']);
  });

  test('a view that somebody else has refreshed, as a restore does, is read as rightly', async () => {
    await edit();
    await database.pool.query('REFRESH MATERIALIZED VIEW message_feed');
    await database.pool.query(`DELETE FROM messages WHERE message_text = 'text 3'`);
    const texts = await textsOnPage();
    expect(texts).toHaveLength(50);
    expect(texts.slice(0, 3)).toEqual(['text 1', 'edited', 'text 4']);
  });
});

describe('the refresh', () => {
  beforeEach(() => makeFeed(database.url));

  test('is made by one of several nodes, and by none before it is due', async () => {
    const nodes = () =>
      Promise.all([1, 2, 3, 4].map(() => keepFeedFresh(database.pool, database.url, NEVER)));
    expect(await nodes()).toEqual([false, false, false, false]);
    await ageFeed(database.pool, '1 h');
    expect((await nodes()).filter(Boolean)).toHaveLength(1);
    expect(await nodes()).toEqual([false, false, false, false]);
  });

  test('is made by a server that starts, if it is due', async () => {
    await rename();
    await ageFeed(database.pool, '1 h');
    await using _server = await startTestServer({
      database: { databaseUrl: database.url, pool: database.pool },
      environment: { READ_STRATEGY: 'materialized' },
    });
    await eventually(async () => (await namesOnPage()).includes('robert'));
  });

  test('is given up by a server that stops, with the view as it was, and made by the next', async () => {
    await rename();
    await ageFeed(database.pool, '1 h');
    const stop = new AbortController();
    const gate = await database.pool.connect();
    await gate.query('BEGIN; LOCK inbox_epoch');
    const refreshed = keepFeedFresh(database.pool, database.url, stop.signal);
    await eventually(async () => (await sessions()) === 1);
    stop.abort();
    await expect(refreshed).rejects.toThrow(/terminated/);
    await gate.query('ROLLBACK');
    gate.release();
    await eventually(async () => (await sessions()) === 0);
    expect(await namesOnPage()).toEqual(['alice', 'bob']);
    expect(await keepFeedFresh(database.pool, database.url, NEVER)).toBe(true);
    expect(await namesOnPage()).toEqual(['alice', 'robert']);
  });

  /** Who wait for a lock in order to refresh. */
  async function sessions(): Promise<number> {
    const { rows } = await database.pool.query(
      `SELECT count(*)::int FROM pg_stat_activity
       WHERE application_name = 'parley-scale' AND datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0].count;
  }
});

test('months that are archived leave its pages, and come back', async () => {
  await convertTo('partitioned', database.url);
  await makeFeed(database.url);
  const all = await textsOnPage();
  const { rows } = await database.pool.query(
    `SELECT count(*)::int FROM messages WHERE created_at >= date_trunc('month', now(), 'UTC')`,
  );
  await archiveBefore(database.url, monthOf(new Date()));
  expect(await textsOnPage()).toEqual(all.slice(0, rows[0].count));
  await bringBack(database.url);
  expect(await textsOnPage()).toEqual(all);
});

test('made, refreshed and dropped under load: not one operation fails, and every event comes once', async () => {
  const place = { databaseUrl: database.url, pool: database.pool };
  const read = async (strategy: string, meanwhile: () => Promise<unknown>) => {
    await using server = await startTestServer({
      database: place,
      environment: { READ_STRATEGY: strategy },
    });
    await using load = await startLoad([server], server);
    await load.goesOn(50);
    await meanwhile();
    await load.goesOn(50);
    const { operations, failures, events, wrong } = await load.stop();
    expect({ failures, wrong }).toEqual({ failures: [], wrong: [] });
    // The case means something.
    expect(operations).toBeGreaterThan(100);
    expect(events).toBeGreaterThan(100);
  };
  await read('normalized', () => makeFeed(database.url));
  await read('materialized', () => refreshFeed(database));
  await read('normalized', () => dropFeed(database.url));
  expect(await problemsIn(database.pool)).toEqual([]);
});
