import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks } from '../support/locks.ts';
import { createUsers } from '../support/server.ts';
import {
  allMessages,
  convertTo,
  untilCompared,
  untilCopying,
  untilSwap,
  within,
  writeHistory,
} from './conversion.ts';
import { databaseOfEachTest } from './each-test.ts';

let people: number[];
const database = databaseOfEachTest(async (pool) => {
  people = await createUsers(pool, 'alice', 'bob');
  await writeHistory(pool, people);
});

test('what a transaction with an old snapshot deletes does not come back: it fails as in a conflict', async () => {
  await untilCopying('partitioned', database.url);
  await within(database.pool, async (old) => {
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM messages');
    await untilCompared('partitioned', database.url);
    await expect(old.query('DELETE FROM messages WHERE id = 1')).rejects.toMatchObject({ code: '40001' });
    await old.query('ROLLBACK');
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await old.query('DELETE FROM messages WHERE id = 1');
    await old.query('COMMIT');
  });
  const left = await allMessages(database.pool);
  await convertTo('partitioned', database.url);
  expect(await allMessages(database.pool)).toEqual(left);
});

test('a message whose time is being changed while it is copied is there once', async () => {
  await untilCopying('partitioned', database.url);
  let converting: Promise<unknown> | undefined;
  await within(database.pool, async (changing) => {
    await changing.query('BEGIN');
    await changing.query(`UPDATE messages SET created_at = created_at - interval '40 days' WHERE id = 30`);
    converting = convertTo('partitioned', database.url);
    await eventually(async () => (await waitingForLocks(database.pool)).length > 0);
    await changing.query('COMMIT');
  });
  await converting;
  expect(await allMessages(database.pool)).toHaveLength(60);
  expect(await problemsIn(database.pool)).toEqual([]);
});

test('the tables change places only when whoever has an old snapshot is done', async () => {
  await untilCopying('partitioned', database.url);
  let converting: Promise<unknown> | undefined;
  await within(database.pool, async (old) => {
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await old.query('SELECT count(*) FROM users');
    converting = convertTo('partitioned', database.url);
    await eventually(async () => {
      const { rows } = await database.pool.query('SELECT step FROM parley_next.progress');
      return rows[0].step === 'swap';
    });
    expect((await old.query('SELECT count(*)::int FROM messages')).rows).toEqual([{ count: 60 }]);
    await old.query('COMMIT');
  });
  await converting;
  expect(await allMessages(database.pool)).toHaveLength(60);
});

test('who keeps the copying waiting is told', async () => {
  await untilCopying('partitioned', database.url);
  const told: string[] = [];
  let converting: Promise<unknown> | undefined;
  await within(database.pool, async (slow) => {
    await slow.query('BEGIN; DELETE FROM messages WHERE id = 20');
    converting = convertTo('partitioned', database.url, undefined, (line) => told.push(line));
    await eventually(() => told.length > 0, { withinMs: 20_000 });
    await slow.query('COMMIT');
  });
  await converting;
  expect(told[0]).toMatch(/^message \d+ and on: waiting for PostgreSQL process \d+ \(/);
  expect(await allMessages(database.pool)).toHaveLength(59);
});

test('whose transaction keeps the tables from changing places is told', async () => {
  await untilSwap('partitioned', database.url);
  const told: string[] = [];
  let converting: Promise<unknown> | undefined;
  await within(database.pool, async (slow) => {
    await slow.query(`SET application_name = 'a slow one'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1`);
    converting = convertTo('partitioned', database.url, undefined, (line) => told.push(line));
    converting.catch(() => {});
    await eventually(() => told.length > 0, { withinMs: 25_000 });
  });
  await converting;
  expect(told[0]).toMatch(
    /^waiting for the end of transactions that began before: PostgreSQL process \d+ \(a slow one, idle in transaction, for \d+ s\)$/,
  );
}, 60_000);
