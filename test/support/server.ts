import type { Pool } from 'pg';
import { type App, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/lib/log.ts';
import { signToken, type TokenOptions } from '../../src/operations/sign-token.ts';
import { createTestDatabase } from './database.ts';
import { redisUrl } from './environment.ts';
import { testedForm } from './template.ts';

export const TEST_SECRET = 'a secret for tests, of at least 32 characters';

/** A whole server of one test's own, in this process, on a database of its own unless it is given one. */
export interface TestServer extends AsyncDisposable {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Straight to the database, as another program would write to it. */
  readonly pool: Pool;
}

export interface TestServerOptions {
  /** To start another node on the database of the first. */
  readonly database?: Pick<TestServer, 'databaseUrl' | 'pool'>;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startTestServer({
  database,
  environment,
}: TestServerOptions = {}): Promise<TestServer> {
  const own = database === undefined ? await createTestDatabase() : undefined;
  const databaseUrl = own?.url ?? database?.databaseUrl ?? '';
  let app: App;
  try {
    app = await startApp(loadConfig(testEnvironment(databaseUrl, environment)), createLog('silent'));
  } catch (error) {
    await own?.[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url: app.url,
    databaseUrl,
    pool: (own ?? database)?.pool as Pool,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    },
  };
}

/** The variables of a server for tests; a server in a process of its own takes them too. */
export function testEnvironment(databaseUrl: string, more: Readonly<Record<string, string>> = {}) {
  return {
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    AUTH_JWT_SECRET: TEST_SECRET,
    ...ofTheForm(),
    ...more,
  };
}

function ofTheForm(): Readonly<Record<string, string>> {
  const { strategy } = testedForm();
  return { READ_STRATEGY: strategy, ...(strategy === 'cached' && { REDIS_URL: redisUrl() ?? '' }) };
}

/** Users named by their external ids, straight into the table. @returns their `users.id`, in that order. */
export async function createUsers(pool: Pool, ...names: readonly string[]): Promise<number[]> {
  const { rows } = await pool.query(
    `INSERT INTO users (external_id, username) SELECT name, name FROM unnest($1::text[]) WITH ORDINALITY AS n (name, i)
     ORDER BY i RETURNING id`,
    [names],
  );
  return rows.map(({ id }) => id);
}

export function tokenOf(sub: string, options: Partial<TokenOptions> = {}): Promise<string> {
  return signToken({
    sub,
    secret: TEST_SECRET,
    admin: false,
    ttl: '1h',
    issuer: null,
    audience: null,
    ...options,
  });
}
