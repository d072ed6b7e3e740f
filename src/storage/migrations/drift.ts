import { applyMigrations } from './apply.ts';
import { diffFromSchema } from './diff.ts';
import { compareFingerprints, readFingerprint } from './fingerprint.ts';

/** What disagrees: nothing when both are empty. */
export interface Drift {
  /** What Prisma would change in a migrated database to make it `schema.prisma`, a line each. */
  readonly schema: readonly string[];
  /** How the given database differs from a migrated one; see `compareFingerprints`. */
  readonly database: readonly string[];
}

/**
 * Compares `schema.prisma` with what the migrations make of an empty database, and `databaseUrl` with that
 * same database.
 * @param scratchUrl an empty database, which it migrates
 * @param databaseUrl the one to judge, if any; only read
 * @throws {MigrationError} when one of them cannot be migrated or read
 */
export async function findDrift(scratchUrl: string, databaseUrl: string | undefined): Promise<Drift> {
  await applyMigrations(scratchUrl);
  const schema = (await diffFromSchema(scratchUrl))?.split('\n') ?? [];
  if (databaseUrl === undefined) return { schema, database: [] };

  return {
    schema,
    database: compareFingerprints(await readFingerprint(scratchUrl), await readFingerprint(databaseUrl)),
  };
}
