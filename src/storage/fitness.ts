import type { Pool } from 'pg';
import { isPassing, isRefusedLogin } from './errors.ts';
import { describeMigrationStatus } from './migrations/describe-status.ts';
import type { Migration } from './migrations/source.ts';
import { checkMigrations, type Queryable } from './migrations/status.ts';
import { settingAtFault, tryTransaction, UNKNOWN_POOLER } from './pooler.ts';
import type { ReadStrategy } from './readers/readers.ts';
import { PLAN_CACHE_MODE } from './session-settings.ts';

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
      /** Whether nobody has refused anything: there was no answer in time. */
      readonly silent: boolean;
    };

export interface ServedDatabase {
  readonly pool: Pool;
  /** Whether the pool's connections lead to a pooler. */
  readonly pooled: boolean;
  readonly whyUnprepared: ReadStrategy['whyUnprepared'];
}

/**
 * @param migrations this build's; read once, because a deployment may change the files while a server runs.
 * @param warn hears of each warning once, as long as it stands
 * @returns what looks at the database
 */
export function watchFitness(
  database: ServedDatabase,
  migrations: readonly Migration[],
  warn: (warning: string) => void,
): () => Promise<Fitness> {
  let warned: string | null = null;
  return async () => {
    const found = await checkFitness(database, migrations);
    if (found.fit && found.warning !== null && found.warning !== warned) warn(found.warning);
    if (found.fit) warned = found.warning;
    return found;
  };
}

/**
 * What `check` finds as soon as that is no silence, or after `patienceMs`, or when `stop` aborts. A server that starts just
 * after a failover, or on a machine that is busy starting others, would only add one more start if it gave up at once.
 * @param onSilence hears of each
 */
export async function onceAnswered(
  check: () => Promise<Fitness>,
  patienceMs: number,
  stop: AbortSignal,
  onSilence: (detail: string | undefined) => void,
): Promise<Fitness> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await check();
    if (found.fit || !found.silent || stop.aborted || performance.now() >= deadline) return found;
    onSilence(found.detail);
  }
}

async function checkFitness(
  { pool, pooled, whyUnprepared }: ServedDatabase,
  migrations: readonly Migration[],
): Promise<Fitness> {
  const queryable = {
    query: (text: string) => pool.query({ text, query_timeout: ANSWER_TIMEOUT_MS } as { text: string }),
  };
  try {
    if (pooled) await tryTransaction(pool, ANSWER_TIMEOUT_MS);
    const { rows } = await queryable.query("SELECT current_setting('plan_cache_mode') AS mode");
    // It stands for all that is set together with it.
    if (rows[0].mode !== PLAN_CACHE_MODE) return unfit(UNKNOWN_POOLER);
    const tooOld = await whyTooOld(queryable);
    if (tooOld !== null) return unfit(tooOld);
    const status = await checkMigrations(queryable, migrations);
    if (status.kind !== 'up-to-date' && status.kind !== 'newer')
      return unfit(describeMigrationStatus(status));
    const unprepared = await whyUnprepared(queryable);
    if (unprepared !== null) return unfit(unprepared);
    if (status.kind === 'up-to-date') return { fit: true, warning: null };
    return { fit: true, warning: `${describeMigrationStatus(status)} This one goes on serving.` };
  } catch (error) {
    const detail =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    const atFault = settingAtFault(detail ?? '', pooled);
    if (atFault !== undefined) return unfit(atFault, detail);
    if (!isPassing(error) || isRefusedLogin(error)) return unfit('The database refuses', detail);
    return unfit('The database cannot be reached', detail, /timeout/i.test(detail ?? ''));
  }
}

/** `null` when the server's version will do. */
export async function whyTooOld(queryable: Queryable): Promise<string | null> {
  const { rows } = await queryable.query(
    "SELECT current_setting('server_version_num')::int / 10000 AS version",
  );
  const [{ version }] = rows as [{ version: number }];
  return version < LEAST_VERSION
    ? `The database is PostgreSQL ${version}; Parley needs ${LEAST_VERSION} or later.`
    : null;
}

function unfit(reason: string, detail?: string, silent = false): Fitness {
  return { fit: false, reason, detail, silent };
}
