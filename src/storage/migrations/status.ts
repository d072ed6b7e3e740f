import { checksums, type Migration } from './source.ts';

/** How the database's history of migrations relates to this build's. The most serious that applies. */
export type MigrationStatus =
  | { readonly kind: 'up-to-date' }
  /** Not a single migration has ever been applied here. */
  | { readonly kind: 'empty'; readonly names: readonly string[] }
  | { readonly kind: 'pending'; readonly names: readonly string[] }
  /**
   * All of this build's are applied; the database has further ones, finished or not. A later release has migrated it,
   * or does so now. Each release's migrations leave alone what the one before it uses, so this one can go on.
   */
  | { readonly kind: 'newer'; readonly names: readonly string[] }
  /** Applied migrations whose committed file reads differently now. */
  | { readonly kind: 'edited'; readonly names: readonly string[] }
  /** One of this build's is being applied by another session at this moment. */
  | { readonly kind: 'running'; readonly name: string }
  /** One of this build's was started, never finished, and not marked as rolled back; nobody is at it. */
  | { readonly kind: 'failed'; readonly name: string };

/** What a status check needs: a `pg.Pool`, or a client of one. */
export interface Queryable {
  query(sql: string): Promise<{ rows: unknown[] }>;
}

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly state: 'finished' | 'running' | 'failed';
}

/** The number of the advisory lock that Prisma Migrate holds while it applies anything. */
export const PRISMA_LOCK = 72_707_369;

// A migration under way and one that has failed are written down alike; but who applies one holds the lock. What this
// very session holds does not count: it is not applying anything while it asks.
const SELECT_HISTORY = `
  SELECT migration_name AS name, checksum,
    CASE WHEN finished_at IS NOT NULL THEN 'finished'
      WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid, objid, objsubid) = (0, ${PRISMA_LOCK}, 1)) THEN 'running'
      ELSE 'failed' END AS state
  FROM _prisma_migrations
  WHERE rolled_back_at IS NULL
  ORDER BY started_at`;

const UNDEFINED_TABLE = '42P01';

/**
 * Compares the database's migrations with `known`, in one statement.
 * @param known this build's, as `readMigrations` gives them
 */
export async function checkMigrations(
  queryable: Queryable,
  known: readonly Migration[],
): Promise<MigrationStatus> {
  const rows = await readHistory(queryable);
  if (rows === undefined) return { kind: 'empty', names: namesOf(known) };

  const scripts = new Map(known.map(({ name, script }) => [name, script]));
  const [own, newer] = [
    rows.filter(({ name }) => scripts.has(name)),
    rows.filter(({ name }) => !scripts.has(name)),
  ];
  const unfinished = own.find(({ state }) => state !== 'finished');
  if (unfinished?.state === 'running') return { kind: 'running', name: unfinished.name };
  if (unfinished !== undefined) return { kind: 'failed', name: unfinished.name };

  const edited = own.filter(({ name, checksum }) => !checksums(scripts.get(name) ?? '').includes(checksum));
  if (edited.length > 0) return { kind: 'edited', names: namesOf(edited) };

  const applied = new Set(namesOf(own));
  const pending = known.filter(({ name }) => !applied.has(name));
  if (pending.length > 0) return { kind: 'pending', names: namesOf(pending) };
  return newer.length > 0 ? { kind: 'newer', names: namesOf(newer) } : { kind: 'up-to-date' };
}

/** The first migration that has failed and was not released since, whichever release it is of. */
export async function findFailed(queryable: Queryable): Promise<string | undefined> {
  return (await readHistory(queryable))?.find(({ state }) => state === 'failed')?.name;
}

function namesOf(found: readonly { readonly name: string }[]): readonly string[] {
  return found.map(({ name }) => name);
}

async function readHistory(queryable: Queryable): Promise<readonly Row[] | undefined> {
  try {
    return (await queryable.query(SELECT_HISTORY)).rows as Row[];
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}
