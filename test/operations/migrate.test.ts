import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { npm, run } from '../support/operator.ts';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await freshDirectory();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await sweep();
});

const migrate = (environment: Readonly<Record<string, string>>) => run('migrate', { folder, environment });

describe('npm run db:migrate', () => {
  test('as npm runs it applies what is missing, and then nothing', async () => {
    await database.pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const environment = { DATABASE_URL: database.url };
    const first = await npm(['run', '-s', 'db:migrate'], environment).ended;
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^(applied \d{14}_\w+\n){2,}$/);
    expect(await migrate(environment)).toMatchObject({ code: 0, stdout: 'nothing to apply\n', stderr: '' });
  });

  test('goes past the pooler where there is one', async () => {
    const environment = {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/parley',
      DATABASE_DIRECT_URL: database.url,
    };
    expect(await migrate(environment)).toMatchObject({ code: 0, stdout: 'nothing to apply\n' });
  });

  test('needs no secret for tokens', async () => {
    expect(await migrate({ DATABASE_URL: database.url, AUTH_JWT_SECRET: '' })).toMatchObject({ code: 0 });
  });
});

describe('npm run db:migrate answers with one line and 1', () => {
  test.each([
    ['no address', {}, /^DATABASE_URL is missing/],
    [
      'an address that is none',
      { DATABASE_URL: 'mysql://u:a-password@host/db' },
      /^DATABASE_URL takes an address such as/,
    ],
    [
      'a server that is not there',
      { DATABASE_URL: 'postgres://u:a-password@127.0.0.1:1/parley' },
      /^Cannot reach database/,
    ],
  ])('%s', async (_name, environment, line) => {
    const { code, stdout, stderr } = await migrate(environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain('a-password');
  });
});
