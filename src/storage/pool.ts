import pg from 'pg';

export interface PoolOptions {
  readonly url: string;
  /** Connections. */
  readonly size: number;
  /** How long a request waits for a free connection, and a connection for the server. */
  readonly waitMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** An idle connection was lost; the pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
}

/** The one pool that Prisma and the prepared statements share. */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    // Without it a request waits for ever when all connections are taken.
    connectionTimeoutMillis: options.waitMs,
    keepAlive: true,
    application_name: 'parley',
    options: sessionSettings({
      // Timestamps are read as text: they must be in UTC, in ISO form.
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
    }),
  });
  pool.on('error', options.onConnectionLost);
  // The pool listens only while a connection is idle: one lost between two statements of a transaction would end the
  // process. Its next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

function sessionSettings(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
