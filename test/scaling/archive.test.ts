import { expect, test } from '@jest/globals';
import { monthOf, monthsAfter, partitionOf } from '../../src/storage/scaling/partitioning/months.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo } from './conversion.ts';
import { commandsOfEachTest } from './each-test.ts';

const OLDEST = monthsAfter(monthOf(new Date()), -6);
/** Two months later, which begin with the fifth or sixth message, as months are long. */
const BEFORE = monthsAfter(OLDEST, 2);
const [FIRST, SECOND] = [partitionOf(OLDEST), partitionOf(monthsAfter(OLDEST, 1))];

const { database, scale } = commandsOfEachTest(async (pool) => {
  const people = await createUsers(pool, 'alice', 'bob');
  await pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, $3::timestamptz + i * interval '10 days' FROM generate_series(0, 11) i`,
    [...people, `${OLDEST}-15Z`],
  );
});

const archive = (...args: readonly string[]) => scale(['archive', ...args]);

async function tablesIn(schema: string): Promise<string[]> {
  const { rows } = await database.pool.query(
    `SELECT relname::text AS name FROM pg_class
     WHERE relnamespace = to_regnamespace($1) AND relname ~ '^messages_' AND relkind = 'r' ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

test('old months leave messages for tables of their own, their people are told, and all of it comes back', async () => {
  await convertTo('partitioned', database.url);
  const before = await allMessages(database.pool);
  const { rows } = await database.pool.query('SELECT count(*)::int FROM messages WHERE created_at < $1', [
    `${BEFORE}-01Z`,
  ]);
  const [{ count }] = rows;
  expect(count).toBeGreaterThan(3);
  expect(await archive('--before', BEFORE)).toMatchObject({
    code: 0,
    stdout: `${count} messages are in parley_archive.${FIRST}, parley_archive.${SECOND} now, and in no list any more.\n`,
  });
  expect(await allMessages(database.pool)).toEqual(before.slice(count));
  expect(await problemsIn(database.pool)).toEqual([]);
  expect(await tablesIn('parley_archive')).toEqual([FIRST, SECOND].sort());
  expect(await tablesIn('public')).not.toContain(SECOND);

  expect(await archive('--revert')).toMatchObject({
    code: 0,
    stdout: `${count} messages are in messages again.\n`,
  });
  expect(await allMessages(database.pool)).toEqual(before);
  expect(await problemsIn(database.pool)).toEqual([]);
  expect(await tablesIn('parley_archive')).toEqual([]);
});

test('a message that is written to an archived month later on has its place', async () => {
  await convertTo('partitioned', database.url);
  await archive('--before', BEFORE);
  const { rows } = await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT 1, 1, 'late', $1 RETURNING tableoid::regclass::text AS partition`,
    [`${OLDEST}-20Z`],
  );
  expect(rows).toEqual([{ partition: 'messages_past' }]);
  expect(await problemsIn(database.pool)).toEqual([]);
});

test('who is deleted takes their messages along from the archive, too', async () => {
  await convertTo('partitioned', database.url);
  await archive('--before', BEFORE);
  expect((await database.pool.query(`SELECT FROM parley_archive.${FIRST}`)).rows).not.toEqual([]);
  await database.pool.query(`DELETE FROM users WHERE username = 'alice'`);
  expect((await database.pool.query(`SELECT FROM parley_archive.${FIRST}`)).rows).toEqual([]);
});

test('there is nothing to do where there are no such messages', async () => {
  await convertTo('partitioned', database.url);
  expect((await archive('--before', OLDEST)).stdout).toBe('Nothing to do: there are no such messages.\n');
  expect((await archive('--revert')).stdout).toBe(
    'Nothing to do: there are no such messages in the archive.\n',
  );
});

test.each([
  [['--before', '2024-13'], /^--before takes a month such as 2024-06, not "2024-13"\.\n\nUsage/],
  [
    ['--before', '2999-01'],
    /^Nothing was changed: --before takes \d{4}-\d\d or an earlier month, not 2999-01\.\n$/,
  ],
  [['--before', '2024-05', '--revert'], /^--revert brings all months back, not some\.\n\nUsage/],
  [[], /^--before is missing\.\n\nUsage/],
  [
    ['--before', '2024-05'],
    /^Nothing was changed: messages is one table\. Run npm run scale -- partition first\.\n$/,
  ],
])('%j of one table is refused', async (args, line) => {
  const before = await allMessages(database.pool);
  expect(await archive(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
  expect(await allMessages(database.pool)).toEqual(before);
});
