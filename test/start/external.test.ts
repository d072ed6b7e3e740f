import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { portOf } from '../support/database-url.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { endAll, processesIn, type Running, run, start } from '../support/operator.ts';
import { createUsers, TEST_SECRET, tokenOf } from '../support/server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { ask } from '../support/token-holder.ts';

// Slow, not late: several starts of whole servers in a row.
jest.setTimeout(90_000);

/** Until a process that has been started says something. */
const START_WITHIN_MS = 20_000;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await freshDirectory();
  await createUsers(database.pool, 'ann');
});
afterEach(endAll);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await sweep();
});

const withDatabase = (more: Readonly<Record<string, string>> = {}) => ({
  folder,
  environment: { PORT: '0', DATABASE_URL: database.url, AUTH_JWT_SECRET: TEST_SECRET, ...more },
});

/** That it does not start, and says why in one line that holds no secret. @returns the line */
async function refusal(more: Readonly<Record<string, string>>): Promise<string> {
  const { code, signal, stdout, stderr } = await run('parley', withDatabase(more));
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).not.toContain(TEST_SECRET);
  expect(stderr).not.toContain(new URL(database.url).password);
  return stderr.trimEnd();
}

describe('with DATABASE_URL', () => {
  test('that database is served: nothing is embedded, nothing is written into it', async () => {
    const parley = start('parley', withDatabase());
    const url = await parley.url();
    expect(parley.output()).not.toMatch(/token|psql|demo/);
    expect(processesIn(folder)).toEqual([]);
    const { body } = await ask(url, `Bearer ${await tokenOf('ann')}`);
    expect(body).toEqual({ data: { viewer: { username: 'ann' } } });
    expect((await database.pool.query('SELECT username FROM users')).rows).toEqual([{ username: 'ann' }]);
    parley.press('SIGTERM');
    expect(await parley.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('in production no GraphiQL is offered, and none is there', async () => {
    const parley = start('parley', withDatabase({ NODE_ENV: 'production' }));
    const url = await parley.url();
    expect(parley.output()).not.toMatch(/graphiql/i);
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(406);
    expect(await response.text()).not.toMatch(/graphiql/i);
  });

  test('settings come from a .env file too; what is in the environment has precedence', async () => {
    const place = await freshDirectory();
    await writeFile(
      join(place, '.env'),
      `# a comment\nDATABASE_URL="${database.url}"\nAUTH_JWT_SECRET='${TEST_SECRET}'\nPORT=0\nHOST=127.0.0.1\n`,
    );
    const parley = start('parley', { folder: place });
    const { body } = await ask(await parley.url(), `Bearer ${await tokenOf('ann')}`);
    expect(body.data).toEqual({ viewer: { username: 'ann' } });

    const { stderr } = await run('parley', { folder: place, environment: { PORT: 'x' } });
    expect(stderr).toBe('PORT takes a whole number from 0 to 65535, not "x".\n');
  });
});

describe('a database that does not answer', () => {
  let network: TcpProxy;
  let parley: Running;
  beforeEach(async () => {
    network = await startTcpProxy(portOf(database.url));
    network.drop();
    const silent = { DATABASE_URL: network.reroute(database.url), DATABASE_POOL_WAIT_MS: '500' };
    parley = start('parley', withDatabase(silent));
    await eventually(() => /the database does not answer/.test(parley.output()), {
      withinMs: START_WITHIN_MS,
    });
  });
  afterEach(async () => await network[Symbol.asyncDispose]());

  test('is waited for, until it does', async () => {
    await network.heal();
    expect((await ask(await parley.url(), `Bearer ${await tokenOf('ann')}`)).status).toBe(200);
  });

  test('keeps nobody who wants it stopped', async () => {
    const asked = performance.now();
    parley.press('SIGTERM');
    expect(await parley.ended).toMatchObject({ code: 1, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
  });
});

describe('is refused, in one line', () => {
  test('no secret', async () => {
    expect(await refusal({ AUTH_JWT_SECRET: '' })).toMatch(
      /^AUTH_JWT_SECRET is missing; .*at least 32 characters.*AUTH_JWKS_URL/,
    );
  });

  test('in production a short secret, which is not repeated', async () => {
    expect(await refusal({ AUTH_JWT_SECRET: 'short-secret', NODE_ENV: 'production' })).toBe(
      'AUTH_JWT_SECRET takes a secret, in production of at least 32 characters.',
    );
  });

  test('a database that nobody serves', async () => {
    const line = await refusal({ DATABASE_URL: 'postgres://u:a-password@127.0.0.1:1/parley' });
    expect(line).toMatch(/^The database cannot be reached: .*ECONNREFUSED/);
    expect(line).not.toContain('a-password');
  });

  test('a host that does not exist', async () => {
    expect(await refusal({ DATABASE_URL: 'postgres://u:p@nowhere.invalid/parley' })).toMatch(
      /^The database cannot be reached: .*nowhere\.invalid/,
    );
  });

  test('a wrong password', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'a-wrong-password';
    const line = await refusal({ DATABASE_URL: wrong.href });
    expect(line).toMatch(/^The database refuses: password authentication failed/);
    expect(line).not.toContain('a-wrong-password');
  });

  test('a database that does not exist', async () => {
    const wrong = new URL(database.url);
    wrong.pathname = '/missing';
    expect(await refusal({ DATABASE_URL: wrong.href })).toMatch(/"missing" does not exist/);
  });

  test('an address for LISTEN that nobody serves, while the database is fine', async () => {
    const parley = start(
      'parley',
      withDatabase({ DATABASE_DIRECT_URL: 'postgres://u:p@127.0.0.1:1/parley' }),
    );
    // Hints may get lost: the sweep makes up for them, and the log says so.
    expect((await ask(await parley.url(), `Bearer ${await tokenOf('ann')}`)).status).toBe(200);
  });

  test('a port that is taken', async () => {
    const first = start('parley', withDatabase());
    const { port } = new URL(await first.url());
    expect(await refusal({ PORT: port })).toBe(
      `PORT ${port} on 127.0.0.1 is taken; set PORT to another one.`,
    );
  });

  test('a host that is not ours', async () => {
    expect(await refusal({ HOST: '203.0.113.1' })).toMatch(/^HOST 203\.0\.113\.1 cannot be listened on: /);
  });
});

describe('is refused, naming the command,', () => {
  test('a database without tables; npm run db:migrate makes them', async () => {
    const empty = await createTestDatabase();
    try {
      await empty.pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      const environment = { DATABASE_URL: empty.url };
      expect(await refusal(environment)).toMatch(/npm run db:migrate/);

      const first = await run('migrate', { folder, environment });
      expect(first).toMatchObject({ code: 0, stderr: '' });
      expect(first.stdout).toMatch(/^(applied \d{14}_\w+\n){2,}$/);
      expect(await run('migrate', { folder, environment })).toMatchObject({
        code: 0,
        stdout: 'nothing to apply\n',
      });

      const parley = start('parley', withDatabase(environment));
      await parley.url();
    } finally {
      await endAll();
      await empty[Symbol.asyncDispose]();
    }
  });

  test('a database with a migration that is pending', async () => {
    const behind = await createTestDatabase();
    try {
      const { rows } = await behind.pool.query(
        'DELETE FROM _prisma_migrations WHERE started_at = (SELECT max(started_at) FROM _prisma_migrations) RETURNING migration_name AS name',
      );
      expect(rows).toHaveLength(1);
      const line = await refusal({ DATABASE_URL: behind.url });
      expect(line).toContain(rows[0].name);
      expect(line).toMatch(/npm run db:migrate/);
    } finally {
      await behind[Symbol.asyncDispose]();
    }
  });
});

describe('with a database that a later version has migrated', () => {
  test('it starts all the same, and warns once with the names', async () => {
    const ahead = await createTestDatabase();
    try {
      await ahead.pool.query(
        "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ('x', 'x', now(), '20991231000000_from_the_future', 1)",
      );
      const parley = start('parley', withDatabase({ DATABASE_URL: ahead.url }));
      const url = await parley.url();
      expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
      const warnings = parley.output().match(/^.*20991231000000_from_the_future.*$/gm);
      expect(warnings).toHaveLength(1);
      expect(warnings?.[0]).toMatch(/later release of Parley.*goes on serving/);
    } finally {
      await endAll();
      await ahead[Symbol.asyncDispose]();
    }
  });

  test('not if what it needs itself is pending, too', async () => {
    const forked = await createTestDatabase();
    try {
      await forked.pool.query(
        "UPDATE _prisma_migrations SET migration_name = '20991231000000_from_the_future' WHERE started_at = (SELECT max(started_at) FROM _prisma_migrations)",
      );
      expect(await refusal({ DATABASE_URL: forked.url })).toMatch(/npm run db:migrate/);
    } finally {
      await forked[Symbol.asyncDispose]();
    }
  });
});
