import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { startTestServer, type TestServer } from './server.ts';
import { type LoggedStatement, logStatements, StatementLog } from './statement-log.ts';

/** A server all of whose statements can be seen. */
export interface LoggedServer extends TestServer {
  readonly log: StatementLog;
}

export async function startLoggedServer(
  environment: Readonly<Record<string, string>>,
): Promise<LoggedServer> {
  const database = await createTestDatabase();
  await logStatements(database.pool);
  const log = new StatementLog();
  let server: TestServer | undefined;
  // What a server tidies up when it starts must not be counted as a request's.
  await log.during(async () => {
    server = await startTestServer({
      database: { databaseUrl: database.url, pool: database.pool },
      environment,
    });
    await eventually(() => log.soFar.some(({ kind }) => kind === 'COMMIT'));
  });
  const { url, databaseUrl, pool } = server as unknown as TestServer;
  return {
    url,
    databaseUrl,
    pool,
    log,
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      log[Symbol.dispose]();
    },
  };
}

/** What each was prepared as, or else its kind. */
export const namesOf = (statements: readonly LoggedStatement[]): string[] =>
  statements.map(({ kind, name }) => name ?? kind);

export const connectionsOf = (statements: readonly LoggedStatement[]): Set<number> =>
  new Set(statements.map(({ connection }) => connection));
