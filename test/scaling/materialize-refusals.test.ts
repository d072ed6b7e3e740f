import { expect, jest, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { eventually } from '../support/eventually.ts';
import { start } from '../support/operator.ts';
import { createUsers, startTestServer } from '../support/server.ts';
import { untilCopying, writeHistory } from './conversion.ts';
import { commandsOfEachTest } from './each-test.ts';
import { makeFeed } from './feed.ts';

// Slow, not late: each test starts commands.
jest.setTimeout(90_000);

const { database, scale, circumstances } = commandsOfEachTest();

const MADE = { code: 0, stdout: expect.stringMatching(/^The view is there\. .*\n$/) };

const startServer = () =>
  startTestServer({
    database: { databaseUrl: database.url, pool: database.pool },
    environment: { READ_STRATEGY: 'materialized' },
  });

test('a second time there is nothing to do, and --revert leaves nothing of it', async () => {
  const before = await readFingerprint(database.url);
  expect(await scale(['materialize'])).toMatchObject(MADE);
  expect(await scale(['materialize'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing to do: the view is there already\./),
  });
  expect(await scale(['materialize', '--revert'])).toMatchObject({ code: 0, stdout: 'The view is gone.\n' });
  expect(await readFingerprint(database.url)).toEqual(before);
  expect(await scale(['materialize', '--revert'])).toMatchObject({
    code: 0,
    stdout: 'Nothing to do: there is no such view.\n',
  });
});

test('a server does not start without the view, and says which command makes it', async () => {
  await expect(startServer()).rejects.toThrow(
    'READ_STRATEGY=materialized reads the view message_feed, which this database does not have: run npm run scale -- materialize, or set READ_STRATEGY=normalized.',
  );
});

test.each([
  ['SIGKILL', ''],
  [
    'SIGINT',
    'Nothing is lost: run it again to go on, or the other way (--revert) to undo it.\nstopped by SIGINT\n',
  ],
] as const)(
  '%s while it is filled: no server takes it for prepared; it is gone on with, or undone',
  async (signal, said) => {
    const before = await readFingerprint(database.url);
    const interrupt = async () => {
      const gate = await database.pool.connect();
      await gate.query('BEGIN; LOCK inbox_epoch');
      const command = start('scale', circumstances(['materialize']));
      await eventually(() => command.output().includes('filling it'), { withinMs: 20_000 });
      command.press(signal);
      const { code, stderr } = await command.ended;
      expect(code).not.toBe(0);
      expect(stderr.endsWith(`filling it\n${said}`)).toBe(true);
      // PostgreSQL has noticed; else it would come to its end all the same.
      await eventually(async () => (await commands()) === 0);
      await gate.query('ROLLBACK');
      gate.release();
    };
    await interrupt();
    await expect(startServer()).rejects.toThrow(
      'message_feed, which has never been filled: run npm run scale -- materialize.',
    );
    expect(await scale(['materialize', '--revert'])).toMatchObject({ code: 0 });
    expect(await readFingerprint(database.url)).toEqual(before);
    await interrupt();
    expect(await scale(['materialize'])).toMatchObject(MADE);
    const server = await startServer();
    await server[Symbol.asyncDispose]();
  },
);

test('messages keep their form while the view is there', async () => {
  await makeFeed(database.url);
  expect(await scale(['partition'])).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr:
      'Nothing was changed, because the view message_feed depends on messages: start the servers with another READ_STRATEGY than materialized, then run npm run scale -- materialize --revert. Mend that first.\n',
  });
});

test('it waits for the end of a change of form', async () => {
  await writeHistory(database.pool, await createUsers(database.pool, 'alice', 'bob'));
  expect(await untilCopying('partitioned', database.url)).toBe('killed');
  expect(await scale(['materialize'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'Nothing was changed: npm run scale -- partition has not come to its end. Run it again first.\n',
  });
});

test('it is refused while another command is at work, and with an option that it does not have', async () => {
  await withSession(database.url, async (session) => {
    await claimOrExplain(session);
    expect(await scale(['materialize'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Another scaling command is at work on this database .*\n$/),
    });
  });
  expect(await scale(['materialize', '--now'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Unknown option '--now'\./),
  });
});

test('who may read messages and users may read the view, and nobody else', async () => {
  await database.pool.query(`
    DO $$ BEGIN
      CREATE ROLE reads_both; CREATE ROLE reads_messages; CREATE ROLE reads_what_is_new;
      EXCEPTION WHEN duplicate_object THEN NULL;
    END $$;
    GRANT SELECT ON messages, users TO reads_both;
    GRANT SELECT ON messages TO reads_messages;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reads_what_is_new`);
  await makeFeed(database.url);
  const { rows } = await database.pool.query(
    `SELECT role, relation FROM unnest(ARRAY['reads_both', 'reads_messages', 'reads_what_is_new']) role,
       unnest(ARRAY['message_feed', 'message_feed_ends', 'message_feed_refresh']) relation
     WHERE has_table_privilege(role, relation, 'SELECT') ORDER BY 2`,
  );
  expect(rows.map(({ role, relation }) => `${role} ${relation}`)).toEqual([
    'reads_both message_feed',
    'reads_both message_feed_ends',
    'reads_both message_feed_refresh',
  ]);
});

/** Sessions of commands in the database. */
async function commands(): Promise<number> {
  const { rows } = await database.pool.query(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE application_name = 'parley-scale' AND datname = current_database()`,
  );
  return rows[0].count;
}
