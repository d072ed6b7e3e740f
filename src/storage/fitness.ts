import type { Pool } from 'pg';
import { isPassing } from './errors.ts';
import { describeMigrationStatus } from './migrations/describe-status.ts';
import { checkMigrations } from './migrations/status.ts';

const LEAST_VERSION = 15;

/** Why a database cannot be served from. */
export interface Unfitness {
  readonly reason: string;
  /** What the driver said, for the operator alone: it may name hosts and users. */
  readonly detail?: string | undefined;
}

/** `null` when this database can be served from. */
export async function unfitness(pool: Pool): Promise<Unfitness | null> {
  try {
    const { rows } = await pool.query("SELECT current_setting('server_version_num')::int / 10000 AS version");
    const { version } = rows[0];
    if (version < LEAST_VERSION)
      return { reason: `The database is PostgreSQL ${version}; Parley needs ${LEAST_VERSION} or later.` };
    const status = await checkMigrations(pool);
    return status.kind === 'up-to-date' ? null : { reason: describeMigrationStatus(status) };
  } catch (error) {
    const detail =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    return { reason: isPassing(error) ? 'The database cannot be reached' : 'The database refuses', detail };
  }
}
