import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Status } from '../../src/operations/scaling/status.ts';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { asAdmin } from '../support/database.ts';
import { onDatabase } from '../support/database-url.ts';
import { adminUrl } from '../support/environment.ts';
import { npm } from '../support/operator.ts';
import { createUsers } from '../support/server.ts';
import { convertTo } from './conversion.ts';
import { commandsOfEachTest } from './each-test.ts';

const { database, scale } = commandsOfEachTest();

async function statusOf(environment = {}): Promise<Status> {
  const all = { DATABASE_URL: database.url, ...environment };
  const { code, stdout, stderr } = await scale(['status', '--json'], all);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

async function textOf(): Promise<string> {
  const { code, stdout, stderr } = await scale(['status']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').filter((line) => line.length > 80 || line.endsWith(' '))).toEqual([]);
  return stdout;
}

/** Messages so many days old each, from one user to another. */
async function insertMessages(...daysAgo: readonly number[]): Promise<void> {
  const [ann, ben] = await createUsers(database.pool, 'ann', 'ben');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text', now() - days * interval '1 day' FROM unnest($3::float8[]) days`,
    [ann, ben, daysAgo],
  );
}

describe('a plain table', () => {
  test('is counted, and its growth is that of the last 7 days', async () => {
    const sevenDays = [0.1, 0.2, 1.1, 1.2, 2.1, 2.2, 3.1, 3.2, 4.1, 4.2, 5.1, 5.2, 6.1, 6.2];
    const [old, future] = [[7.1, 300], [-1]];
    await insertMessages(...sevenDays, ...old, ...future);
    const { messages, growth, ids, phase, recommendations, readStrategy } = await statusOf();
    expect({ messages, growth }).toEqual({
      messages: { count: 17, certainty: 'counted' },
      growth: { messagesPerDay: 2, days: 7, atLeast: false },
    });
    const left = 2_147_483_647 - 17;
    expect(ids).toEqual({ type: 'integer', last: 17, limit: 2_147_483_647, left, daysLeft: left / 2 });
    expect({ phase, readStrategy }).toEqual({
      phase: { current: 1, recommended: 1 },
      readStrategy: 'normalized',
    });
    expect(recommendations).toEqual([]);
  });

  test('that is an hour old has grown so much in a day, and one of 2 days in 2', async () => {
    await insertMessages(1 / 24, 1 / 24);
    expect((await statusOf()).growth).toEqual({ messagesPerDay: 2, days: 1, atLeast: false });
    await database.pool.query(`UPDATE messages SET created_at = now() - interval '2 days'`);
    expect((await statusOf()).growth.messagesPerDay).toBeCloseTo(1, 1);
  });

  test('has ids that were given out and are gone again', async () => {
    await insertMessages(1, 2, 3);
    await database.pool.query('DELETE FROM messages');
    expect(await statusOf()).toMatchObject({ messages: { count: 0 }, ids: { last: 3 } });
  });

  test('has the sizes that PostgreSQL says', async () => {
    await insertMessages(1);
    await database.pool.query('UPDATE messages SET full_text = repeat(md5(random()::text), 10000)');
    const { table, otherTables } = await statusOf();
    const { rows } = await database.pool.query(
      `SELECT relname AS name, pg_relation_size(c.oid)::int AS bytes, pg_total_relation_size(c.oid)::int AS total
       FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')`,
    );
    const sizes = new Map(rows.map(({ name, ...size }) => [name, size]));
    expect(table.totalBytes).toBe(sizes.get('messages').total);
    expect(table.heapBytes + table.toastBytes + table.indexBytes).toBe(table.totalBytes);
    expect(table.toastBytes).toBeGreaterThan(8192);
    expect(table.indexes).toHaveLength(7);
    for (const { name, bytes } of table.indexes)
      expect({ name, bytes }).toEqual({ name, bytes: sizes.get(name).bytes });
    for (const { name, bytes } of otherTables)
      expect({ name, bytes }).toEqual({ name, bytes: sizes.get(name).total });
    expect(otherTables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['users', 'conversations', 'inbox_events', 'inbox_heads', '_prisma_migrations']),
    );
  });

  test('is described for people', async () => {
    await insertMessages(1, 2, 3);
    const text = await textOf();
    expect(text).toMatch(/^Messages +3, counted$/m);
    expect(text).toMatch(/^Growth +1 a day, over the last 3 days$/m);
    expect(text).toMatch(/^Ids +integer, 99\.9 % left/m);
    expect(text).toMatch(/^Phase +1 \(one plain table\), which is meant for 3 messages$/m);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Reads normalized (READ_STRATEGY, as it is set here); the database is prepared for cached too',
    );
    expect(text).toMatch(/^Replicas +none$/m);
    expect(text).toMatch(/^ {4}idx_msg_covering +16 KiB$/m);
    expect(text).toMatch(/^Next +Nothing to do: phase 1 is enough for 3 messages\.$/m);
  });
});

test('what READ_STRATEGY needs and the database lacks is the first thing to do', async () => {
  const READ_STRATEGY = 'denormalized';
  const { readStrategy, preparations, recommendations } = await statusOf({ READ_STRATEGY });
  expect(readStrategy).toBe(READ_STRATEGY);
  expect(preparations).toContainEqual({ strategy: 'cached', missing: null });
  expect(recommendations[0]).toEqual({
    action: 'prepare',
    text: 'READ_STRATEGY=denormalized reads usernames from messages, which has none: run npm run scale -- denormalize.',
  });
});

test('a database without messages is at zero, and as npm runs it there is nothing but JSON', async () => {
  const { code, stdout } = await npm(['run', '-s', 'scale', '--', 'status', '--json'], {
    DATABASE_URL: database.url,
  }).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    messages: { count: 0, certainty: 'counted' },
    growth: { messagesPerDay: 0 },
    ids: { last: 0, daysLeft: null },
    cache: { heap: { hits: 0, misses: 0, hitRate: null } },
    recommendations: [],
  });
  const text = await textOf();
  expect(text).toMatch(/^Growth +none, over the last 7 days$/m);
  expect(text).toMatch(/^Cache hits +too few reads yet; shared_buffers is 128 MiB$/m);
});

test('of a partitioned table each partition is shown, and an index as one', async () => {
  await convertTo('partitioned', database.url, ['2026-01', '2026-02']);
  const [ann, ben] = await createUsers(database.pool, 'ann', 'ben');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text', at FROM generate_series(timestamptz '2026-01-01', '2026-03-01', '1 hour') at`,
    [ann, ben],
  );
  const { messages, ids, phase, table } = await statusOf();
  expect({ messages, phase }).toEqual({
    messages: { count: 59 * 24 + 1, certainty: 'counted' },
    phase: { current: 3, recommended: 1 },
  });
  expect(ids).toMatchObject({ type: 'bigint', last: 59 * 24 + 1, limit: 2 ** 63 });
  expect(table.partitions?.map(({ name, bounds }) => [name, bounds])).toEqual([
    ['messages_past', "FOR VALUES FROM (MINVALUE) TO ('2026-01-01 00:00:00+00')"],
    ['messages_2026_01', "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')"],
    ['messages_2026_02', "FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00')"],
    ['messages_future', "FOR VALUES FROM ('2026-03-01 00:00:00+00') TO (MAXVALUE)"],
  ]);
  const { rows } = await database.pool.query(
    `SELECT sum(pg_total_relation_size(relid))::int AS total, sum(pg_relation_size('messages_2026_01_created_at_idx')
       + pg_relation_size('messages_2026_02_created_at_idx') + pg_relation_size('messages_past_created_at_idx')
       + pg_relation_size('messages_future_created_at_idx'))::int / count(*)::int AS created
     FROM pg_partition_tree('messages')`,
  );
  expect(table.totalBytes).toBe(rows[0].total);
  expect(table.indexes).toHaveLength(7);
  expect(table.indexes).toContainEqual({ name: 'idx_messages_created', bytes: rows[0].created });

  const text = await textOf();
  expect(text).toMatch(/^Phase +3 \(partitions\); phase 1 \(one plain table\) would be enough/m);
  expect(text).toMatch(/^ {2}messages_2026_01 {2}2026-01-01 to 2026-02-01 +\d+ KiB {2}indexes \d+ KiB$/m);
  expect(text).toMatch(/^ {2}messages_past {5}before 2026-01-01 /m);
  expect(text).toMatch(/^ {2}messages_future {3}2026-03-01 on /m);
});

test('the owner of the tables may ask, who is no superuser', async () => {
  const name = `owner_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (admin) => {
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'p'`);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    try {
      const url = new URL(onDatabase(adminUrl(), name));
      [url.username, url.password] = [name, 'p'];
      await applyMigrations(url.href);
      expect(await statusOf({ DATABASE_URL: url.href })).toMatchObject({
        messages: { count: 0 },
        replicas: { visible: false },
      });
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${name}`);
    }
  });
});

test('a table that is locked is not waited for', async () => {
  const client = await database.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE messages');
    const { code, stdout, stderr } = await scale(['status']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Stopped in database .*: canceling statement due to lock timeout\. Run it again\.\n$/,
    );
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

test('the direct address is taken where there is a pooler', async () => {
  const pooler = 'postgres://u:p@127.0.0.1:1/parley';
  const { code } = await scale(['status'], { DATABASE_URL: pooler, DATABASE_DIRECT_URL: database.url });
  expect(code).toBe(0);
});
