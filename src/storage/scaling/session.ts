import pg from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Gives `work` one direct connection of its own, and closes it afterwards.
 * @param databaseUrl not a pooler's: locks and settings belong to the session
 */
export async function withSession<T>(
  databaseUrl: string,
  work: (session: pg.Client) => Promise<T>,
): Promise<T> {
  const session = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'parley-scale',
    keepAlive: true,
  });
  // A lost connection is reported by the statement that it interrupts.
  session.on('error', () => {});
  try {
    await session.connect();
    await session.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET statement_timeout = 0");
    // A command that is killed leaves its last statement running: PostgreSQL is to notice, and let go of the locks.
    await session.query("SET client_connection_check_interval = '1s'");
    return await work(session);
  } finally {
    await session.end().catch(() => {});
  }
}
