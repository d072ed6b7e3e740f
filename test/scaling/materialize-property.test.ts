import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { UserId } from '../../src/messaging/ids.ts';
import { positionOf } from '../../src/messaging/ids.ts';
import type { PageRequest } from '../../src/messaging/page.ts';
import { poolExecutor } from '../../src/storage/executor.ts';
import { forgetOld } from '../../src/storage/housekeeping.ts';
import { materializedReader } from '../../src/storage/readers/materialized.ts';
import { normalizedReader } from '../../src/storage/readers/normalized.ts';
import { castUsers } from '../storage/inbox/cast.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestPool } from '../support/test-pool.ts';
import { convertTo } from './conversion.ts';
import { makeFeed, refreshFeed } from './feed.ts';

// Slow, not late: many drawn cases, with all pages after each of their steps.
jest.setTimeout(90_000);

const USERS = 3;
const RUNS = 40;

const user = fc.integer({ min: 1, max: USERS });
/** Few moments, so that equal times are common; in two months. */
const moment = fc
  .integer({ min: 0, max: 3 })
  .map((n) => `'2026-0${(n % 2) + 1}-15T00:00:00.00000${n}Z'::timestamptz`);

const rows = fc
  .array(fc.tuple(user, user, moment, fc.boolean()), { minLength: 1, maxLength: 6 })
  .map((drawn) =>
    drawn.map(([from, to, at, isRead]) => `(${from}, ${to}, 'new', ${at}, ${isRead})`).join(', '),
  )
  .map(
    (values) =>
      `INSERT INTO messages (sender_id, receiver_id, message_text, created_at, is_read) VALUES ${values}`,
  );

/** Which of the few messages a statement is about. */
const choice = fc.oneof(
  fc.integer({ min: 0, max: 2 }).map((n) => `id % 3 = ${n}`),
  user.map((n) => `sender_id = ${n}`),
  fc.constantFrom('is_read', 'NOT is_read', 'sender_id = receiver_id'),
);

const change = fc.oneof(
  fc.constantFrom(
    'is_read = true',
    'is_read = false',
    `message_text = 'edited'`,
    `full_text = message_text || ' and more'`,
    `id = nextval('messages_id_seq')`,
    'sender_id = receiver_id, receiver_id = sender_id',
  ),
  user.map((n) => `sender_id = ${n}`),
  user.map((n) => `receiver_id = ${n}`),
  moment.map((at) => `created_at = ${at}`),
);

/** More than a page looks for in the log. */
const MANY = `
  INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
  SELECT 1, 2, 'one of many', '2026-01-15Z'::timestamptz + i * interval '1 s' FROM generate_series(1, 120) i`;

const REFRESH = 'refresh';
const FORGET = 'forget';
/** Other users under the same ids. */
const RECAST = 'recast';

const step = fc.oneof(
  { weight: 6, arbitrary: rows },
  {
    weight: 8,
    arbitrary: fc.tuple(change, choice).map(([set, where]) => `UPDATE messages SET ${set} WHERE ${where}`),
  },
  { weight: 3, arbitrary: choice.map((where) => `DELETE FROM messages WHERE ${where}`) },
  { weight: 4, arbitrary: fc.constant(REFRESH) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('TRUNCATE messages', 'DELETE FROM users WHERE id = 3', MANY, FORGET, RECAST),
  },
);

let database: TestDatabase;
let pool: ReturnType<typeof createTestPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function take(what: string): Promise<void> {
  if (what === REFRESH) expect(await refreshFeed(database)).toBe(true);
  else if (what === RECAST) await castUsers(database.pool, USERS);
  else if (what === FORGET) {
    await database.pool.query(`UPDATE inbox_events SET created_at = '2020-01-01Z' WHERE seq % 2 = 0`);
    await forgetOld(database.pool, 30);
  }
  // A user who is gone sends nothing.
  else await database.pool.query(what).catch((error) => expect(error.message).toMatch(/foreign key/));
}

const FIRST: PageRequest = { direction: 'forward', limit: 3, after: null, before: null };

/** All pages of all conversations, forward and backward, and those between two cursors. */
async function expectSamePages(): Promise<void> {
  const executor = poolExecutor(pool);
  const [known, read] = [normalizedReader(executor), materializedReader(executor)];
  async function expectSame(viewer: UserId, peer: UserId, page: PageRequest) {
    const [expected, found] = await Promise.all([
      known.messagePage(viewer, peer, page),
      read.messagePage(viewer, peer, page),
    ]);
    const { people: _, ...rest } = expected;
    expect(found).toMatchObject(rest);
    return expected;
  }
  const ids = Array.from({ length: USERS }, (_, i) => (i + 1) as UserId);
  const walks = ids.flatMap((viewer) =>
    ids.map(async (peer) => {
      let last = await expectSame(viewer, peer, FIRST);
      for (let pages = 0; last.hasNextPage && pages < 5; pages++) {
        const [newest, oldest] = [last.items[0], last.items.at(-1)].map(
          (item) => item && positionOf(item.id),
        );
        if (newest === undefined || oldest === undefined) return;
        await expectSame(viewer, peer, { ...FIRST, direction: 'backward', before: newest });
        await expectSame(viewer, peer, { ...FIRST, after: newest, before: oldest });
        last = await expectSame(viewer, peer, { ...FIRST, after: oldest });
      }
      await expectSame(viewer, peer, { ...FIRST, direction: 'backward' });
    }),
  );
  await Promise.all(walks);
}

test.each(['plain', 'partitioned'] as const)(
  'on a %s table, after whatever steps, each page is the one that the table alone gives',
  async (form) => {
    if (form === 'partitioned') {
      await database.pool.query(
        'DROP MATERIALIZED VIEW message_feed; DROP TABLE message_feed_ends, message_feed_refresh',
      );
      await convertTo('partitioned', database.url, ['2026-01', '2026-02']);
    }
    await makeFeed(database.url);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await castUsers(database.pool, USERS);
        for (const what of steps) {
          await take(what);
          await expectSamePages();
        }
      }),
      { numRuns: RUNS },
    );
  },
);
