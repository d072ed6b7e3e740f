import { describe, expect, test } from '@jest/globals';
import { onDatabase } from '../support/database-url.ts';
import { onEmptyDatabase } from '../support/empty-database.ts';
import { commandsOfEachTest } from './each-test.ts';

const { database, scale } = commandsOfEachTest();

describe('refused, with what is wrong and all that would be right', () => {
  test.each([
    [[], 'No command is given.'],
    [['stat'], 'There is no command "stat".'],
    [['constructor'], 'There is no command "constructor".'],
    [['status', '--jsn'], "Unknown option '--jsn'."],
    [['status', '--json=yes'], "Option '--json' does not take an argument."],
    [['status', 'now'], "Unexpected argument 'now'."],
  ])('%j', async (args, what) => {
    const { code, stdout, stderr } = await scale(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n').slice(0, 3)).toEqual([what, '', 'Usage: npm run -s scale -- <command>']);
    expect(stderr).toMatch(/^ {2}status \[--json\]$/m);
  });
});

describe('refused, in one line without a password', () => {
  async function refusal(environment: Readonly<Record<string, string>>): Promise<string> {
    const { code, stdout, stderr } = await scale(['status'], environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).not.toContain('a-password');
    return stderr;
  }

  test('a server that is not there', async () => {
    const DATABASE_URL = 'postgres://u:a-password@127.0.0.1:1/parley';
    expect(await refusal({ DATABASE_URL })).toMatch(
      /^Cannot reach database "parley" on 127\.0\.0\.1:1 as user "u": .*ECONNREFUSED/,
    );
  });

  test('a wrong password', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'a-password';
    expect(await refusal({ DATABASE_URL: wrong.href })).toMatch(
      /^The server refuses database .*: password authentication failed/,
    );
  });

  test('a database that does not exist', async () => {
    expect(await refusal({ DATABASE_URL: onDatabase(database.url, 'missing') })).toMatch(
      /^There is no database "missing" on /,
    );
  });

  test('a database without tables', async () => {
    await onEmptyDatabase(async (url) => {
      expect(await refusal({ DATABASE_URL: url })).toMatch(/no tables of Parley yet.*npm run db:migrate/);
    });
  });

  test('a migration that is pending, and one that is not known', async () => {
    const { rows } = await database.pool.query(
      'UPDATE _prisma_migrations SET migration_name = migration_name WHERE started_at = (SELECT max(started_at) FROM _prisma_migrations) RETURNING migration_name AS name',
    );
    await database.pool.query(`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
      VALUES ('x', 'x', now(), '20991231000000_from_the_future', 1)`);
    expect(await refusal({})).toMatch(/20991231000000_from_the_future.*Run that release's npm run scale\./);
    await database.pool.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [rows[0].name]);
    expect(await refusal({})).toMatch(new RegExp(`lacks migration ${rows[0].name}.*npm run db:migrate`));
  });

  test('settings that mean nothing', async () => {
    expect(await refusal({ DATABASE_URL: 'mysql://u:a-password@host/db' })).toMatch(
      /^DATABASE_URL takes an address such as/,
    );
    expect(await refusal({ READ_STRATEGY: 'fast' })).toMatch(
      /^READ_STRATEGY takes one of normalized, .*, not "fast"\.\n$/,
    );
  });
});
