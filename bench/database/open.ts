import pg from 'pg';

/** Enough for the benchmark's own questions, which come one after another. */
const CONNECTIONS = 2;

/** For what the benchmark itself asks of a database. */
export function openDatabase(url: string): pg.Pool & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  pool.on('error', () => {}); // whatever it reports, the next query does too
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}
