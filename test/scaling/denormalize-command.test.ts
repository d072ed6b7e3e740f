import { expect, jest, test } from '@jest/globals';
import { readFingerprint } from '../../src/storage/migrations/fingerprint.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { createUsers } from '../support/server.ts';
import { untilCopying, writeHistory } from './conversion.ts';
import { untilFilling, wrongNames } from './denormalization.ts';
import { commandsOfEachTest } from './each-test.ts';

// Slow, not late: each command is a process of its own.
jest.setTimeout(90_000);

const { database, scale } = commandsOfEachTest(async (pool) => {
  await writeHistory(pool, await createUsers(pool, 'alice', 'bob'));
});

const denormalize = (...args: readonly string[]) => scale(['denormalize', ...args]);

test('it says what it has done, that there is nothing to do, and what it has undone', async () => {
  expect(await denormalize()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^messages holds usernames now\. Nobody had to wait for it longer than \d+ ms \(.+\)\.\n$/,
    ),
    stderr: expect.stringContaining('filling in usernames\n'),
  });
  expect(await wrongNames(database.pool)).toEqual([]);
  expect(await denormalize()).toMatchObject({
    code: 0,
    stdout: 'Nothing to do: messages holds usernames already.\n',
  });
  expect(await denormalize('--revert')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^messages holds no usernames now\. Nobody had to wait/),
  });
  expect(await denormalize('--revert')).toMatchObject({
    code: 0,
    stdout: 'Nothing to do: messages holds no usernames already.\n',
  });
});

test('what one process has begun and was killed in, the next one goes on with', async () => {
  await untilFilling(database.url);
  expect(await denormalize()).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^messages holds usernames now/),
  });
  expect(await wrongNames(database.pool)).toEqual([]);
});

test.each([
  [
    'while a change of form is unfinished',
    async () => {
      await untilCopying('partitioned', database.url);
    },
    /^Nothing was changed: npm run scale -- partition has not come to its end\. Run it again first\.\n$/,
  ],
  [
    'where a column has such a name already',
    () => database.pool.query('ALTER TABLE messages ADD COLUMN sender_username TEXT'),
    /^Stopped in database .*: column "sender_username" of relation "messages" already exists\.\n$/,
  ],
])('%s it is refused, and nothing is changed', async (_, given, line) => {
  await given();
  const before = await readFingerprint(database.url);
  const { code, stdout, stderr } = await denormalize();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr.replace('adding columns and triggers\n', '')).toMatch(line);
  expect(await readFingerprint(database.url)).toEqual(before);
});

test('a second command is refused while one is at work', async () => {
  await withSession(database.url, async (session) => {
    await claimOrExplain(session);
    expect(await denormalize()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Another scaling command is at work on this database/),
    });
  });
});

test('a role that does not own the table is refused', async () => {
  await database.pool.query(`
    DO $$ BEGIN CREATE ROLE guest LOGIN PASSWORD 'guest'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest`);
  const url = new URL(database.url);
  [url.username, url.password] = ['guest', 'guest'];
  expect(await scale(['denormalize'], { DATABASE_URL: url.href })).toMatchObject({
    code: 1,
    stderr:
      'Nothing was changed: messages belongs to the role parley, which guest may not take on. Connect as parley.\n',
  });
});

test('what it does not take is named', async () => {
  expect(await denormalize('--undo')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Unknown option '--undo'/),
  });
});
