import type { Client, ClientBase } from 'pg';

/** From now on statements of this session may take as long as they need. When this process is killed, they end with it. */
export async function allowLongStatements(session: ClientBase): Promise<void> {
  await session.query('SET statement_timeout = 0');
  // So that PostgreSQL notices, and lets go of the locks. Not every system can.
  await session.query("SET client_connection_check_interval = '1s'").catch(() => {});
}

/**
 * Runs `work`, whose statements may take as long as they need. When `signal` aborts, the session ends, and PostgreSQL ends
 * what it was doing, as it does when this process is killed.
 * @throws what `work` throws: then, that its connection is gone
 */
export async function withLongStatements<T>(
  session: Client,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const end = () => void session.end().catch(() => {});
  signal.throwIfAborted();
  signal.addEventListener('abort', end);
  try {
    await allowLongStatements(session);
    return await work();
  } finally {
    signal.removeEventListener('abort', end);
  }
}
