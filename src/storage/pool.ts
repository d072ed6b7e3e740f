import pg from 'pg';
import { SILENCE_MS } from './statement.ts';
import { WatchedClient } from './watched-client.ts';

export interface PoolOptions {
  readonly url: string;
  /** Connections. */
  readonly size: number;
  /** How long a request waits for a free connection, and a connection for the server. */
  readonly waitMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** How long a transaction may wait for its next statement. */
  readonly idleTransactionTimeoutMs: number;
  /** An idle connection was lost; the pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
}

/** How long connections that are closed wait for the database to close them too. */
const GOODBYE_TIMEOUT_MS = 500;
/** How much later than it should a connection that has fallen silent is given up. */
const WATCH_INTERVAL_MS = 250;

/** The one pool that Prisma and the prepared statements share. Disposing it closes every connection. */
export function createPool(options: PoolOptions): pg.Pool & AsyncDisposable {
  const clients = new Set<WatchedClient>();
  const pool = new pg.Pool({
    Client: class extends WatchedClient {
      constructor(config?: pg.ClientConfig) {
        super(config, options.statementTimeoutMs + SILENCE_MS);
        clients.add(this);
        this.socket.once('close', () => clients.delete(this));
      }
    },
    connectionString: withoutOptions(options.url),
    max: options.size,
    // None is closed for having nothing to do: the next request would open it again, and prepare its statements anew.
    min: options.size,
    // Without it a request waits for ever when all connections are taken.
    connectionTimeoutMillis: options.waitMs,
    keepAlive: true,
    application_name: 'parley',
    // The address may bring settings of its own, but these come last, so that they win.
    options: `${optionsIn(options.url)} ${sessionSettings({
      // Timestamps are read as text: they must be in UTC, in ISO form.
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      // Else PostgreSQL plans each execution anew, as it then knows how many are asked for: 0.4 ms of a lookup's 0.5
      // (npm run bench -- --only one-message). Every statement has a good plan for all values: see test/storage/plans.
      plan_cache_mode: 'force_generic_plan',
      // Else a new installation's tables, analysed while they are small, would be read whole by each statement until they
      // are analysed again: a minute, in which thousands of messages may come.
      enable_seqscan: 'off',
      // PostgreSQL 15 counts what cannot be avoided then as so dear that it would compile the statement.
      jit: 'off',
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
      idle_in_transaction_session_timeout: options.idleTransactionTimeoutMs,
    })}`.trim(),
  });
  pool.on('error', options.onConnectionLost);
  // The pool listens only while a connection is idle: one lost between two statements of a transaction would end the
  // process. Its next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  const watch = setInterval(() => {
    for (const client of clients) client.check();
  }, WATCH_INTERVAL_MS).unref();
  return Object.assign(pool, {
    async [Symbol.asyncDispose]() {
      await pool.end();
      clearInterval(watch);
      // A database that has stopped answering would keep the process for as long as TCP takes to notice.
      setTimeout(() => {
        for (const { socket } of clients) socket.destroy();
      }, GOODBYE_TIMEOUT_MS).unref();
    },
  });
}

/** `?options=-c…` of an address; pg would take it instead of ours. */
function optionsIn(url: string): string {
  return new URL(url).searchParams.get('options') ?? '';
}

function withoutOptions(url: string): string {
  const address = new URL(url);
  address.searchParams.delete('options');
  return address.href;
}

function sessionSettings(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
