import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { TestClient } from '../support/client.ts';
import { onDatabase } from '../support/database-url.ts';
import { adminUrl } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ environment: { DATABASE_POOL_WAIT_MS: '1000' } });
  await createUsers(server.pool, 'ann');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function look(path: string): Promise<{ status: number; body: { status: string; reason?: string } }> {
  const response = await fetch(new URL(path, server.url));
  return { status: response.status, body: (await response.json()) as { status: string; reason?: string } };
}

describe('/health', () => {
  test('live and ready, of a server that serves', async () => {
    expect(await look('/health/live')).toEqual({ status: 200, body: { status: 'live' } });
    expect(await look('/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
  });

  test('is never cached', async () => {
    const response = await fetch(new URL('/health/ready', server.url));
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('live, and not ready, while migrations are pending', async () => {
    await server.pool.query('ALTER TABLE _prisma_migrations RENAME TO hidden');
    try {
      expect(await look('/health/live')).toMatchObject({ status: 200 });
      const { body } = await eventually(async () => {
        const answer = await look('/health/ready');
        return answer.status === 503 && answer;
      });
      expect(body.status).toBe('not ready');
      expect(body.reason).toMatch(/npm run db:migrate/);
    } finally {
      await server.pool.query('ALTER TABLE hidden RENAME TO _prisma_migrations');
    }
    await eventually(async () => (await look('/health/ready')).status === 200);
  });

  test('live, and not ready within some seconds, while the database hangs; ready when it goes on', async () => {
    const client = await server.pool.connect();
    try {
      await client.query('BEGIN; LOCK TABLE _prisma_migrations IN ACCESS EXCLUSIVE MODE');
      const { asked, body } = await eventually(
        async () => {
          const asked = performance.now();
          const answer = await look('/health/ready');
          return answer.status === 503 && { ...answer, asked };
        },
        { withinMs: 8_000 },
      );
      expect(performance.now() - asked).toBeLessThan(4_000);
      expect(body.reason).toBe('The database does not answer.');
      expect(await look('/health/live')).toMatchObject({ status: 200 });
      await client.query('COMMIT');
    } finally {
      client.release();
    }
    await eventually(async () => (await look('/health/ready')).status === 200, { withinMs: 8_000 });
  });

  test('ready while a later version migrates the database, and after it has', async () => {
    const migration = `'2999_later', 'x', 'x'`;
    await server.pool.query(
      `INSERT INTO _prisma_migrations (migration_name, id, checksum) VALUES (${migration})`,
    );
    const since = performance.now();
    // Longer than an answer stands.
    await eventually(async () => {
      expect(await look('/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
      return performance.now() - since > 1_500;
    });
    await server.pool.query(`DELETE FROM _prisma_migrations WHERE id = 'x'`);
  });

  test('live, and not ready, while the database cannot be reached; ready when it is back', async () => {
    const name = new URL(server.databaseUrl).pathname.slice(1);
    const admin = new pg.Client({ connectionString: onDatabase(adminUrl(), 'postgres') });
    await admin.connect();
    try {
      await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
      await eventually(async () => (await look('/health/ready')).status === 503);
      expect(await look('/health/live')).toMatchObject({ status: 200 });
      const { body } = await look('/health/ready');
      // Nothing of where the database is, and as whom it is spoken to.
      expect(body.reason).toMatch(/^The database (cannot be reached|refuses)$/);
      expect(body.reason).not.toContain('\n');
    } finally {
      await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      await admin.end();
    }
    await eventually(async () => (await look('/health/ready')).status === 200);
  });
});

describe('/metrics', () => {
  const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^{}]*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/;

  async function metrics(): Promise<string> {
    return (await fetch(new URL('/metrics', server.url))).text();
  }

  async function sampled(sample: string): Promise<number> {
    const line = (await metrics()).split('\n').find((found) => found.startsWith(`${sample} `));
    return Number(line?.split(' ')[1] ?? 0);
  }

  test("is Prometheus' text format, every line of it", async () => {
    const response = await fetch(new URL('/metrics', server.url));
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    expect(
      lines.filter((line) => line !== '' && !/^# (HELP|TYPE) \S+ ./.test(line) && !LINE.test(line)),
    ).toEqual([]);
  });

  test('counts operations by type and outcome', async () => {
    const ann = new TestClient(server.url, 'ann');
    const sample = (outcome: string) => `parley_operations_total{type="query",outcome="${outcome}"}`;
    const before = [await sampled(sample('ok')), await sampled(sample('error'))] as const;
    await ann.data('{ viewer { id } }');
    await ann.ask('{ message(id: "!") { id } }');
    expect(await sampled(sample('ok'))).toBe(before[0] + 1);
    expect(await sampled(sample('error'))).toBe(before[1] + 1);
  });

  test('has the open sockets, and forgets the closed ones', async () => {
    const socket = await new TestClient(server.url, 'ann').socket({ lazy: false });
    await eventually(async () => (await sampled('parley_sockets')) === 1);
    await socket.dispose();
    await eventually(async () => (await sampled('parley_sockets')) === 0);
  });

  test('names neither users nor what they write', async () => {
    await new TestClient(server.url, 'ann').data('query NameOfAnOperation { viewer { id } }');
    expect(await metrics()).not.toMatch(/\bann\b|NameOfAnOperation/);
  });
});
