import type { Pool } from 'pg';

/** Why a database cannot be served from that turns out to be a pooler. */
export const UNKNOWN_POOLER =
  "DATABASE_URL is a pooler's address, which loses what Parley sets for its sessions: set DATABASE_DIRECT_URL to the address of the database itself";

const STATEMENT_MODE =
  "The pooler at DATABASE_URL ends a transaction after each statement: set PgBouncer's pool_mode to transaction";

/**
 * What the operator can do about a refusal that will stand until they do; `undefined` for any other error.
 * @param detail in PgBouncer's words
 * @param pooled whether it is known that there is a pooler
 */
export function settingAtFault(detail: string, pooled: boolean): string | undefined {
  if (!pooled && /unsupported startup parameter/i.test(detail)) return UNKNOWN_POOLER;
  if (/statement pooling mode/i.test(detail)) return STATEMENT_MODE;
  return undefined;
}

/** @throws in statement mode, as soon as a transaction is left open for a next statement. */
export async function tryTransaction(pool: Pool, timeoutMs: number): Promise<void> {
  const client = await pool.connect();
  let broken = true;
  try {
    for (const text of ['BEGIN', 'COMMIT'])
      await client.query({ text, query_timeout: timeoutMs } as { text: string });
    broken = false;
  } finally {
    client.release(broken);
  }
}
