import type { Pool } from 'pg';
import { isPassing } from './errors.ts';
import { describeMigrationStatus } from './migrations/describe-status.ts';
import type { Migration } from './migrations/source.ts';
import { checkMigrations } from './migrations/status.ts';

const LEAST_VERSION = 15;
/** For each statement of the check; one that hangs then gives up its connection, so that they do not pile up. */
const ANSWER_TIMEOUT_MS = 5_000;

/** Whether a database can be served from. */
export type Fitness =
  | {
      readonly fit: true;
      /** What the operator should know all the same. */
      readonly warning: string | null;
    }
  | {
      readonly fit: false;
      readonly reason: string;
      /** What the driver said, for the operator alone: it may name hosts and users. */
      readonly detail?: string | undefined;
    };

/**
 * @param migrations this build's; read once, because a deployment may change the files while a server runs.
 * @param warn hears of each warning once, as long as it stands
 * @returns what looks at the database
 */
export function watchFitness(
  pool: Pool,
  migrations: readonly Migration[],
  warn: (warning: string) => void,
): () => Promise<Fitness> {
  let warned: string | null = null;
  return async () => {
    const found = await checkFitness(pool, migrations);
    if (found.fit && found.warning !== null && found.warning !== warned) warn(found.warning);
    if (found.fit) warned = found.warning;
    return found;
  };
}

async function checkFitness(pool: Pool, migrations: readonly Migration[]): Promise<Fitness> {
  const queryable = {
    query: (text: string) => pool.query({ text, query_timeout: ANSWER_TIMEOUT_MS } as { text: string }),
  };
  try {
    const { rows } = await queryable.query(
      "SELECT current_setting('server_version_num')::int / 10000 AS version",
    );
    const { version } = rows[0];
    if (version < LEAST_VERSION)
      return unfit(`The database is PostgreSQL ${version}; Parley needs ${LEAST_VERSION} or later.`);
    const status = await checkMigrations(queryable, migrations);
    if (status.kind === 'up-to-date') return { fit: true, warning: null };
    if (status.kind === 'newer') return { fit: true, warning: describeMigrationStatus(status) };
    return unfit(describeMigrationStatus(status));
  } catch (error) {
    const detail =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    const unreachable = isPassing(error) || detail === 'Query read timeout';
    return unfit(unreachable ? 'The database cannot be reached' : 'The database refuses', detail);
  }
}

function unfit(reason: string, detail?: string): Fitness {
  return { fit: false, reason, detail };
}
