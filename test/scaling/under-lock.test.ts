import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withSession } from '../../src/storage/scaling/session.ts';
import { ShortLocks } from '../../src/storage/scaling/under-lock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const SEND = 'INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)';

test('a lock that is not free makes way for whoever has queued behind it, and says who is in the way', async () => {
  const [alice, bob, carol, dave] = await createUsers(database.pool, 'alice', 'bob', 'carol', 'dave');
  const told: string[] = [];
  // A clone of the same template: its tables have the same numbers.
  await using other = await createTestDatabase();
  const elsewhere = await other.pool.connect();
  const slow = await database.pool.connect();
  try {
    await elsewhere.query(`BEGIN; SET application_name = 'somebody elsewhere'; LOCK TABLE messages`);
    await slow.query(`BEGIN; SET application_name = 'a slow one'`);
    await slow.query(SEND, [alice, bob, 'slow']);
    const locked = withSession(database.url, async (session) => {
      const locks = new ShortLocks(session, (line) => told.push(line), new AbortController().signal);
      await locks.run('a test', 'LOCK TABLE messages IN ACCESS EXCLUSIVE MODE');
      return locks.longest;
    });
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0);
    await database.pool.query(SEND, [carol, dave, 'quick']);
    await eventually(() => told.length > 0, { withinMs: 20_000 });
    await slow.query('COMMIT');
    expect(await locked).toMatchObject({ what: 'a test', ms: expect.any(Number) });
  } finally {
    slow.release();
    elsewhere.release(true);
  }
  expect(told[0]).toMatch(
    /^a test: waiting for PostgreSQL process \d+ \(a slow one, idle in transaction, for \d+ s\)$/,
  );
});

test('what was asked to stop changes nothing more', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'));
  await withSession(database.url, async (session) => {
    const locks = new ShortLocks(session, () => {}, stopped);
    await expect(locks.run('a test', 'DROP TABLE messages')).rejects.toThrow('stopped');
  });
  await database.pool.query('SELECT FROM messages');
});
