import { checksums, type Migration, readMigrations } from './source.ts';

/** How the database's history of migrations relates to this build's. The most serious that applies. */
export type MigrationStatus =
  | { readonly kind: 'up-to-date' }
  /** Not a single migration has ever been applied here. */
  | { readonly kind: 'empty'; readonly names: readonly string[] }
  | { readonly kind: 'pending'; readonly names: readonly string[] }
  /** The database has migrations that this build does not know. */
  | { readonly kind: 'newer'; readonly names: readonly string[] }
  /** Applied migrations whose committed file reads differently now. */
  | { readonly kind: 'edited'; readonly names: readonly string[] }
  /** Started, never finished, and not marked as rolled back. */
  | { readonly kind: 'failed'; readonly name: string };

/** What a status check needs: a `pg.Pool`, or a client of one. */
export interface Queryable {
  query(sql: string): Promise<{ rows: unknown[] }>;
}

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

const SELECT_HISTORY = `
  SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations
  WHERE rolled_back_at IS NULL
  ORDER BY started_at`;

const UNDEFINED_TABLE = '42P01';

/**
 * Compares the database's migrations with the committed ones, in one statement.
 * @param migrations for tests; otherwise the committed ones, read from disk
 */
export async function checkMigrations(
  queryable: Queryable,
  migrations?: readonly Migration[],
): Promise<MigrationStatus> {
  const [known, rows] = await Promise.all([migrations ?? readMigrations(), readHistory(queryable)]);
  if (rows === undefined) return { kind: 'empty', names: known.map(({ name }) => name) };

  const failed = rows.find(({ finished }) => !finished);
  if (failed !== undefined) return { kind: 'failed', name: failed.name };

  const scripts = new Map(known.map(({ name, script }) => [name, script]));
  const namesOf = (found: readonly { name: string }[]) => found.map(({ name }) => name);
  const edited = rows.filter(({ name, checksum }) => {
    const script = scripts.get(name);
    return script !== undefined && !checksums(script).includes(checksum);
  });
  if (edited.length > 0) return { kind: 'edited', names: namesOf(edited) };

  const newer = rows.filter(({ name }) => !scripts.has(name));
  if (newer.length > 0) return { kind: 'newer', names: namesOf(newer) };

  const applied = new Set(namesOf(rows));
  const pending = known.filter(({ name }) => !applied.has(name));
  return pending.length > 0 ? { kind: 'pending', names: namesOf(pending) } : { kind: 'up-to-date' };
}

async function readHistory(queryable: Queryable): Promise<readonly Row[] | undefined> {
  try {
    return (await queryable.query(SELECT_HISTORY)).rows as Row[];
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}
