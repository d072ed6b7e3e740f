import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { onDatabase } from '../support/database-url.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { metric } from '../support/metric.ts';
import { endAll, run, start } from '../support/operator.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';
import { startTestServer, TEST_SECRET } from '../support/server.ts';

// Slow, not late: two clusters, a standby, and starts of whole servers.
jest.setTimeout(90_000);

let folder: string;
let primary: OwnCluster;
let replica: TestReplica;
let other: TestDatabase;
beforeAll(async () => {
  folder = await freshDirectory();
  other = await createTestDatabase();
  primary = await startOwnCluster();
  replica = await startReplica(primary);
});
afterEach(endAll);
afterAll(async () => {
  await replica?.[Symbol.asyncDispose]();
  await primary?.[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  await sweep();
});

const set = (url: string, replicas: string) => ({
  folder,
  environment: {
    PORT: '0',
    DATABASE_URL: url,
    AUTH_JWT_SECRET: TEST_SECRET,
    DATABASE_REPLICA_URLS: replicas,
  },
});

const TAKES =
  "DATABASE_REPLICA_URLS takes addresses of hot standbys of DATABASE_URL's database, without a pooler in between; ";

/** A start in this process that is refused. @returns the line */
async function refusal(databaseUrl: string, replicas: string): Promise<string> {
  const environment = { DATABASE_REPLICA_URLS: replicas };
  const database = { databaseUrl, pool: primary.pool };
  try {
    await using started = await startTestServer({ database, environment });
    return `started: ${started.url}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const at = (url: string, change: Partial<Pick<URL, 'hostname' | 'port' | 'password'>> = {}) => {
  const address = Object.assign(new URL(url), change);
  return { url: address.href, host: address.host };
};

describe('a start is refused in one line', () => {
  test('by a primary, which ends the process', async () => {
    // By another name, so that only the server itself can tell.
    const named = at(primary.url, { hostname: 'localhost' });
    const { code, stdout, stderr } = await run('parley', set(primary.url, `${replica.url},${named.url}`));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`${TAKES}${named.host} is a primary.\n`);
  });

  test('by a standby of another cluster', async () => {
    expect(await refusal(other.url, replica.url)).toBe(
      `${TAKES}${at(replica.url).host} belongs to another cluster.`,
    );
  });

  test('by another database of the same cluster', async () => {
    expect(await refusal(primary.url, onDatabase(replica.url, 'postgres'))).toBe(
      `${TAKES}${at(replica.url).host} is another database of that cluster.`,
    );
  });

  test('by a wrong password, which is not repeated', async () => {
    const wrong = at(replica.url, { password: 'a-wrong-password' });
    const line = await refusal(primary.url, wrong.url);
    expect(line).toMatch(/; 127\.0\.0\.1:\d+ refuses: password authentication failed for user "parley"\.$/);
    expect(line).not.toContain('a-wrong-password');
  });
});

describe('a start goes on', () => {
  test('without a standby that nobody serves, which is used as soon as it is there', async () => {
    await replica.kill();
    const parley = start('parley', set(primary.url, replica.url));
    const url = await parley.url();
    expect(parley.output()).toMatch(
      /"replica":"127\.0\.0\.1:\d+","why":"connect ECONNREFUSED [^"]+","msg":"replica: not in use/,
    );
    expect(parley.output()).not.toContain(new URL(replica.url).password);
    await replica.restart();
    await eventually(async () => (await metric(url, 'parley_replicas_in_use')) === 1, { withinMs: 10_000 });
    parley.press('SIGTERM');
    expect(await parley.ended).toMatchObject({ code: 0, stderr: '' });
    // One line for each change.
    expect(parley.output().match(/"msg":"replica: in use"/g)).toHaveLength(1);
    expect(parley.output().match(/ECONNREFUSED/g)).toHaveLength(1);
  });
});

test('a server without replicas says nothing of them', async () => {
  await using server = await startTestServer();
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).not.toMatch(/replica|parley_reads/);
});
