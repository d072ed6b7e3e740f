import { once } from 'node:events';
import pg from 'pg';
import { type EngineAdapter, engineAdapter } from './adapter.ts';
import { type SchemaEngine, startSchemaEngine } from './engine.ts';
import { nameOf, toMigrationError } from './error.ts';
import type { Queryable } from './status.ts';

export const CONNECT_TIMEOUT_MS = 10_000;

/** Prisma's engine and plain SQL over the same one connection to a database. */
export interface EngineSession {
  readonly engine: SchemaEngine;
  readonly adapter: EngineAdapter;
  /** Statements of one's own, which `adapter.refusal()` does not count as the engine's. */
  readonly sql: Queryable;
}

/**
 * Gives `work` Prisma's engine on `databaseUrl`, and closes it afterwards.
 * @throws {MigrationError} for whatever fails
 */
export async function withEngine<T>(
  databaseUrl: string,
  work: (session: EngineSession) => Promise<T>,
): Promise<T> {
  const target = nameOf(databaseUrl);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'parley-migrate',
    // One connection, never closed for being idle: the advisory lock and the statements under it need the
    // same session.
    max: 1,
    idleTimeoutMillis: 0,
  });
  // Without a listener a lost connection would end the process; the next statement reports it anyway.
  pool.on('error', () => {});
  try {
    // The engine would turn a failure to connect into a text without its code.
    await pool.query('SELECT 1').catch((error: unknown) => {
      throw toMigrationError(error, target, 'UNREACHABLE');
    });
    return await runEngine(pool, work);
  } catch (error) {
    throw toMigrationError(error, target, 'FAILED');
  } finally {
    await close(pool);
  }
}

// `pool.end()` alone does not wait for the server's side, and a database with a connection can be neither
// cloned nor dropped.
async function close(pool: pg.Pool): Promise<void> {
  const closed = pool.totalCount > 0 ? once(pool, 'remove') : undefined;
  await pool.end();
  await closed;
}

async function runEngine<T>(pool: pg.Pool, work: (session: EngineSession) => Promise<T>): Promise<T> {
  const sql: Queryable = { query: pool.query.bind(pool) };
  const adapter = engineAdapter(pool);
  const engine = await startSchemaEngine(adapter.factory);
  try {
    return await work({ engine, adapter, sql });
  } finally {
    engine.free();
  }
}
