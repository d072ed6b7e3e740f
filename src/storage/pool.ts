import pg from 'pg';
import { usePooledSessions } from './pooled-connection.ts';
import { type SessionLimits, sessionSettings, startupOptions } from './session-settings.ts';
import { SILENCE_MS } from './statement.ts';
import { WatchedClient } from './watched-client.ts';

export interface PoolOptions extends SessionLimits {
  readonly url: string;
  /** Whether that is a pooler's address, whose sessions are not ours. */
  readonly pooled: boolean;
  /** Connections. */
  readonly size: number;
  /** How long a request waits for a free connection, and a connection for the server. */
  readonly waitMs: number;
  /** An idle connection was lost; the pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
  /** Looks at each new connection before it is used; one for which it throws is closed, and who asked gets that error. */
  readonly admit?: (client: pg.ClientBase) => Promise<void>;
}

export interface ServerPool extends pg.Pool, AsyncDisposable {
  /** Closes every connection at once, whatever it waits for. */
  cut(): void;
}

/** How long connections that are closed wait for the database to close them too. */
const GOODBYE_TIMEOUT_MS = 500;
/** How much later than it should a connection that has fallen silent is given up. */
const WATCH_INTERVAL_MS = 250;

/** Connections to one server, which Prisma and the prepared statements share. Disposing it closes every connection. */
export function createPool(options: PoolOptions): ServerPool {
  const settings = sessionSettings(options);
  const clients = new Set<WatchedClient>();
  const pool = new pg.Pool({
    Client: class extends WatchedClient {
      constructor(config?: pg.ClientConfig) {
        super(config, options.statementTimeoutMs + SILENCE_MS);
        if (options.pooled)
          usePooledSessions((this as unknown as { connection: object }).connection, settings);
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
    ...(options.admit && { onConnect: options.admit }),
    application_name: 'parley',
    // The address may bring settings of its own, but these come last, so that they win.
    ...(options.pooled ? {} : { options: `${optionsIn(options.url)} ${startupOptions(settings)}`.trim() }),
  });
  pool.on('error', options.onConnectionLost);
  // The pool listens only while a connection is idle: one lost between two statements of a transaction would end the
  // process. Its next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  const watch = setInterval(() => {
    for (const client of clients) client.check();
  }, WATCH_INTERVAL_MS).unref();
  const cut = () => {
    for (const { socket } of clients) socket.destroy();
  };
  return Object.assign(pool, {
    cut,
    async [Symbol.asyncDispose]() {
      await pool.end();
      clearInterval(watch);
      // A database that has stopped answering would keep the process for as long as TCP takes to notice.
      setTimeout(cut, GOODBYE_TIMEOUT_MS).unref();
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
