import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import type { Form } from '../../src/storage/scaling/partitioning/state.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';
import { allMessages, convertTo } from './conversion.ts';
import { startLoad } from './load.ts';

// Slow, not late: each test converts a whole table, some of them more than once.
jest.setTimeout(90_000);

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const to = (target: Form) => convertTo(target, server.databaseUrl);

async function writeHistory(count: number): Promise<readonly number[]> {
  const people = await createUsers(server.pool, 'alice', 'bob');
  await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, full_text, created_at, is_read)
     SELECT $1, $2, 'text ' || i, CASE i % 10 WHEN 0 THEN 'text ' || i || ' and more' END,
       now() - i * interval '1 hour', i % 3 > 0
     FROM generate_series(1, $3) i`,
    [...people, count],
  );
  return people;
}

test('partitions hold every message as it was, and one table does again, with all that belongs to it', async () => {
  await writeHistory(5_000);
  const [messages, definitions] = [await allMessages(server.pool), await readFingerprint(server.databaseUrl)];

  expect((await to('partitioned')).changed).toBe(true);
  expect(await allMessages(server.pool)).toEqual(messages);
  expect(await problemsIn(server.pool)).toEqual([]);
  const { rows } = await server.pool.query(
    `SELECT min(tableoid::regclass::text) AS partition, count(*)::int FROM messages
     GROUP BY tableoid, date_trunc('month', created_at, 'UTC')`,
  );
  expect(rows.length).toBeGreaterThan(6);
  expect(rows.map(({ partition }) => partition)).not.toContain('messages_past');

  expect((await to('plain')).changed).toBe(true);
  expect(await allMessages(server.pool)).toEqual(messages);
  expect(await problemsIn(server.pool)).toEqual([]);
  expect(await readFingerprint(server.databaseUrl)).toEqual(definitions);
});

test('what has the form already is left alone', async () => {
  expect(await to('plain')).toEqual({ changed: false, longestLock: null });
  await to('partitioned');
  expect(await to('partitioned')).toEqual({ changed: false, longestLock: null });
});

test.each([['partitioned', 'plain'] as const, ['plain', 'partitioned'] as const])(
  'to %s: not one operation fails, and every device is given every event once',
  async (target, before) => {
    await writeHistory(10_000);
    if (before === 'partitioned') await to('partitioned');
    await using load = await startLoad([server], server);
    await load.goesOn(50);
    await to(target);
    await load.goesOn(50);
    const { operations, failures, events, wrong } = await load.stop();
    expect(failures).toEqual([]);
    expect(wrong).toEqual([]);
    expect(await problemsIn(server.pool)).toEqual([]);
    // The case means something.
    expect(operations).toBeGreaterThan(100);
    expect(events).toBeGreaterThan(100);
  },
);
