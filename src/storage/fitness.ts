import type { Pool } from 'pg';
import { isPassing } from './errors.ts';
import { describeMigrationStatus } from './migrations/describe-status.ts';
import { checkMigrations } from './migrations/status.ts';

const LEAST_VERSION = 15;

/** Why this database cannot be served from, in one line for the operator; `null` when it can. */
export async function unfitness(pool: Pool): Promise<string | null> {
  try {
    const { rows } = await pool.query("SELECT current_setting('server_version_num')::int / 10000 AS version");
    const { version } = rows[0];
    if (version < LEAST_VERSION)
      return `The database is PostgreSQL ${version}; Parley needs ${LEAST_VERSION} or later.`;
    const status = await checkMigrations(pool);
    return status.kind === 'up-to-date' ? null : describeMigrationStatus(status);
  } catch (error) {
    const reason =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    return isPassing(error) ? `The database cannot be reached: ${reason}` : `The database refuses: ${reason}`;
  }
}
