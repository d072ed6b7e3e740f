import { existsSync } from 'node:fs';
import pg from 'pg';
import { onDatabase } from './database-url.ts';
import { keepProgram } from './kept-program.ts';
import { unusedPort } from './redis-server.ts';

const PGBOUNCER = process.env['PGBOUNCER_PATH'] || '/usr/sbin/pgbouncer';
const READY = 'process up';

/** Why tests with PgBouncer cannot run here; `null` when they can. With CI=true that is no excuse. */
export const noPgBouncer =
  existsSync(PGBOUNCER) || process.env['CI'] === 'true' ? null : `there is no PgBouncer at ${PGBOUNCER}`;

/** A PgBouncer of one test's own, before a database; in transaction mode unless told otherwise. */
export interface PgBouncer extends AsyncDisposable {
  /** Of the database, through it. */
  readonly url: string;
  readonly pid: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** After `kill`: starts it again on the same port. */
  restart(): Promise<void>;
  /** A command of its console, such as PAUSE or SET query_wait_timeout = 1. */
  command(text: string): Promise<pg.QueryResult>;
}

/** Sessions of the database that it keeps: fewer than any server has connections to it. */
export const SERVER_CONNECTIONS = 2;

/** Of its section [pgbouncer], such as `{ pool_mode: 'statement' }`. */
export type PgBouncerSettings = Readonly<Record<string, string | number>>;

export async function startPgBouncer(
  databaseUrl: string,
  settings: PgBouncerSettings = {},
): Promise<PgBouncer> {
  const port = await unusedPort();
  const { hostname, port: databasePort, username, password } = new URL(databaseUrl);
  const options = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pool_mode: 'transaction',
    default_pool_size: SERVER_CONNECTIONS,
    auth_type: 'scram-sha-256',
    auth_file: 'users.txt',
    admin_users: username,
    // Else, after the database was away, it would refuse for 15 s without trying.
    server_login_retry: 1,
    ...settings,
  };
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}\n`);
  const configuration = `[databases]\n* = host=${hostname} port=${databasePort}\n[pgbouncer]\n${lines.join('')}`;
  const users = `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`;
  const command = ['/bin/sh', '-c', WITH_FILES, PGBOUNCER, configuration, users, OTHER_USER];

  const address = new URL(databaseUrl);
  address.port = `${port}`;
  const url = address.href;
  let running = await keepProgram(command, READY);
  return {
    url,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    async restart() {
      running = await keepProgram(command, READY);
    },
    async command(text) {
      const console = new pg.Client({ connectionString: onDatabase(url, 'pgbouncer') });
      await console.connect();
      try {
        return await console.query(text);
      } finally {
        await console.end();
      }
    },
    [Symbol.asyncDispose]: () => running.kill(),
  };
}

/** It refuses to run as root. */
const OTHER_USER = process.getuid?.() === 0 ? '-unobody' : '-q';

/** Writes what it reads into the folder that it is started in. */
const WITH_FILES = `
  printf %s "$1" > pgbouncer.ini && printf %s "$2" > users.txt && chmod 711 . && chmod 644 ./* && exec "$0" "$3" pgbouncer.ini`;
