import { expect, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { start } from '../support/operator.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { createUsers } from '../support/server.ts';
import { mountSmallDisk, noSmallDisk } from '../support/small-disk.ts';
import { commandsOfEachTest } from './each-test.ts';

const { database, scale, circumstances } = commandsOfEachTest();

const partition = (url = database.url, ...args: readonly string[]) =>
  scale(['partition', ...args], { DATABASE_URL: url });

test.each([
  ['CREATE VIEW recent AS SELECT * FROM messages', 'rule _RETURN on view recent depends on messages'],
  [
    'CREATE TABLE stars (message_id INT REFERENCES messages (id))',
    'constraint stars_message_id_fkey on table stars depends on messages',
  ],
  [
    'CREATE FUNCTION one() RETURNS SETOF messages LANGUAGE sql AS $$ SELECT * FROM messages $$',
    'function one() depends on messages',
  ],
  [
    'CREATE UNIQUE INDEX once ON messages (sender_id, message_text)',
    'index once is unique, which partitions cannot keep',
  ],
  ['CREATE PUBLICATION copies FOR ALL TABLES', 'publication copies publishes messages'],
  [
    'CREATE PUBLICATION copies FOR TABLE messages',
    'publication of table messages in publication copies depends on messages',
  ],
  ['ALTER TABLE messages ENABLE ROW LEVEL SECURITY', 'messages has row security'],
  ['ALTER TABLE messages REPLICA IDENTITY FULL', 'messages has a replica identity of its own'],
  ['CREATE TABLE more () INHERITS (messages)', 'table more depends on messages'],
])('%s: is named, and nothing is changed', async (statement, objection) => {
  await database.pool.query(statement);
  const before = await readFingerprint(database.url);
  const { code, stdout, stderr } = await partition();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`Nothing was changed, because ${objection}`);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('a role that does not own the tables is refused', async () => {
  await database.pool.query(`
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guest') THEN CREATE ROLE guest LOGIN PASSWORD 'guest'; END IF;
    END $$;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest`);
  const url = new URL(database.url);
  [url.username, url.password] = ['guest', 'guest'];
  const { code, stderr } = await partition(url.href);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Nothing was changed: messages belongs to the role parley, which guest may not take on\. Connect as parley\.\n$/,
  );
});

test('a second command is refused while one is at work', async () => {
  await withSession(database.url, async (session) => {
    await claimOrExplain(session);
    expect(await partition()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^Another scaling command is at work on this database \(PostgreSQL process \d+\): wait until it is done\.\n$/,
      ),
    });
  });
});

test('Ctrl-C ends it at once, says that nothing is lost, and the next run goes on', async () => {
  const people = await createUsers(database.pool, 'alice', 'bob');
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, 'text' FROM generate_series(1, 100)`,
    people,
  );
  const holder = await database.pool.connect();
  try {
    await holder.query('BEGIN; SELECT count(*) FROM users');
    const command = start('scale', circumstances(['partition']));
    await eventually(() => command.output().includes('changing places'), { withinMs: 20_000 });
    command.press('SIGINT');
    expect(await command.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/Nothing is lost: run it again to go on.*\nstopped by SIGINT\n$/),
    });
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
  expect(await partition()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^messages has a partition/),
  });
});

test('ids beyond an INT keep the partitions', async () => {
  await partition();
  const [alice, bob] = await createUsers(database.pool, 'alice', 'bob');
  await database.pool.query(
    `INSERT INTO messages (id, sender_id, receiver_id, message_text) VALUES (3000000000, $1, $2, 'far')`,
    [alice, bob],
  );
  expect(await partition(database.url, '--revert')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("because message 3000000000 does not fit the column's INT"),
  });
});

describeUnless(noSmallDisk, 'A full disk is')('with too little room for a second copy', () => {
  test('nothing is begun, and it says how much is needed', async () => {
    await using disk = await mountSmallDisk();
    await using postgres = await startOwnCluster({ tablesIn: disk.directory });
    const [alice, bob] = await createUsers(postgres.pool, 'alice', 'bob');
    await postgres.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text)
       SELECT $1, $2, repeat('x', 1000) FROM generate_series(1, 4000)`,
      [alice, bob],
    );
    // Nearly 6 MB with its indexes.
    await disk.fill();
    const before = await readFingerprint(postgres.url);
    expect(await partition(postgres.url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Nothing was changed: a second copy of messages needs about 2\d(\.\d)? MB, and the database's disk has [\d.]+ \w+ free\. Make room first\.\n$/,
      ),
    });
    expect(await readFingerprint(postgres.url)).toEqual(before);
  });
});
