import pg from 'pg';
import { DDL_LOCK_TIMEOUT_MS, runsInOneTransaction } from './adapter.ts';
import { describeMigrationStatus, recovery } from './describe-status.ts';
import { NO_FILTERS } from './engine.ts';
import { MADE_WAY, MigrationError } from './error.ts';
import { type EngineSession, withEngine } from './session.ts';
import { MIGRATIONS_DIRECTORY, type Migration, migrationList, readMigrations } from './source.ts';
import { findFailed, PRISMA_LOCK } from './status.ts';

/** How long to queue behind other processes that migrate the same database. */
const LOCK_WAIT_MS = 600_000;

// The number under which Prisma Migrate locks, so that `prisma migrate deploy` waits for this, too. The
// engine asks for it as well, but gives up after 10 s; as it asks on this same session, which has it already,
// that costs nothing.
const TAKE_LOCK = `
  BEGIN;
  SET LOCAL lock_timeout = ${LOCK_WAIT_MS};
  SELECT pg_advisory_lock(${PRISMA_LOCK});
  COMMIT`;

/**
 * Applies what is pending of the committed migrations, each in one transaction, and records it in Prisma's
 * own `_prisma_migrations`. Any number of processes may do this at once: one applies, the others wait and
 * then find nothing to do. Servers may go on meanwhile: a migration that cannot have its locks within
 * `DDL_LOCK_TIMEOUT_MS` is undone, and this can be run again.
 *
 * @param databaseUrl a direct connection, not one through a pooler: the lock belongs to the session
 * @param directory for tests; otherwise the committed migrations
 * @returns the names of the migrations applied by this call, oldest first
 * @throws {MigrationError} with what stopped it
 */
export async function applyMigrations(
  databaseUrl: string,
  directory = MIGRATIONS_DIRECTORY,
): Promise<{ applied: readonly string[] }> {
  const migrations = await readMigrations(directory);
  const migrationsList = await migrationList(directory);

  return withEngine(databaseUrl, async (session) => {
    await session.sql.query(TAKE_LOCK);
    const failed = await findFailed(session.sql);
    if (failed !== undefined)
      throw new MigrationError('FAILED_BEFORE', describeMigrationStatus({ kind: 'failed', name: failed }));

    const { appliedMigrationNames } = await session.engine
      .applyMigrations({ migrationsList, filters: NO_FILTERS })
      .catch(async (error: unknown) => {
        throw (await failureOf(session, migrations)) ?? error;
      });
    return { applied: appliedMigrationNames };
  });
}

/** Whose SQL the server refused and where; or the driver's error, when it was the engine's own SQL. */
async function failureOf(
  { adapter, engine }: EngineSession,
  migrations: readonly Migration[],
): Promise<unknown> {
  const refusal = adapter.refusal();
  const migration = migrations.find(({ script }) => script === refusal?.sql);
  if (refusal === undefined || migration === undefined) return refusal?.error;

  const { error } = refusal;
  if (!(error instanceof pg.DatabaseError)) return error;
  const { name, script } = migration;
  if (MADE_WAY.includes(error.code) && runsInOneTransaction(script)) {
    await engine.markMigrationRolledBack({ migrationName: name });
    return new MigrationError(
      'LOCKED',
      `Migration ${name} was not applied, and nothing has changed: other transactions keep what it needs to lock, and it waits no longer than ${DDL_LOCK_TIMEOUT_MS} ms, because all that comes later waits behind it. When they have ended, run again: npm run db:migrate`,
      error,
    );
  }
  const line = script.slice(0, Number(error.position ?? 0)).split('\n').length;
  const place = error.position === undefined ? '' : ` at line ${line} of its migration.sql`;
  return new MigrationError(
    'FAILED',
    `Migration ${name} failed: ${error.message} (${error.code})${place}. ${recovery(name)}`,
    error,
  );
}
