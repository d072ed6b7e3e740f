import pg from 'pg';

/**
 * - `UNREACHABLE`: no server answers, or it refuses more connections
 * - `NO_DATABASE`: the server has no database of that name
 * - `REFUSED`: the server does not let this user in
 * - `NO_PERMISSION`: the user may not create or change tables
 * - `BUSY`: another process has been migrating for too long
 * - `LOCKED`: other transactions kept a table for too long; nothing has changed
 * - `FAILED_BEFORE`: an earlier run left a migration unfinished
 * - `FAILED`: a migration's SQL, or Prisma's engine, reported an error
 */
export type MigrationErrorCode =
  | 'UNREACHABLE'
  | 'NO_DATABASE'
  | 'REFUSED'
  | 'NO_PERMISSION'
  | 'BUSY'
  | 'LOCKED'
  | 'FAILED_BEFORE'
  | 'FAILED';

/** What stopped the migrations. The message is one line that an operator can act on; it never has the password. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, cause?: unknown) {
    super(message.replaceAll(/\s+/g, ' '), { cause });
    this.code = code;
  }
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const INVALID_PASSWORD = '28P01';
const INVALID_AUTHORIZATION = '28000';
const INVALID_CATALOG_NAME = '3D000';
const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';

/** Of a statement that made way for other transactions: the same one may succeed when they have ended. */
export const MADE_WAY: readonly unknown[] = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED];

/**
 * How to name a database in a message: which, where and as whom, without the password.
 * @throws {MigrationError} when the address is not one
 */
export function nameOf(databaseUrl: string): string {
  try {
    const { database, host, port, user } = new pg.Client({ connectionString: databaseUrl });
    return `database "${database}" on ${host}:${port} as user "${user}"`;
  } catch (error) {
    const expected = 'postgresql://user:password@host:port/database';
    throw new MigrationError('UNREACHABLE', `The database's address is not of the form ${expected}.`, error);
  }
}

/**
 * Says what an error of the driver or of Prisma's engine means for whoever wanted to migrate.
 * @param target from `nameOf`
 * @param otherwise the code for an error that has no meaning of its own
 */
export function toMigrationError(
  error: unknown,
  target: string,
  otherwise: 'UNREACHABLE' | 'FAILED',
): MigrationError {
  if (error instanceof MigrationError) return error;
  const reason = reasonOf(error);
  const sqlState = error instanceof pg.DatabaseError ? error.code : undefined;

  switch (sqlState) {
    case INVALID_CATALOG_NAME:
      return new MigrationError('NO_DATABASE', `There is no ${target}; create it first.`, error);
    case INVALID_PASSWORD:
    case INVALID_AUTHORIZATION:
      return new MigrationError('REFUSED', `The server refuses ${target}: ${reason}.`, error);
    case INSUFFICIENT_PRIVILEGE: {
      const advice = 'Connect as the owner of the database and its tables';
      return new MigrationError('NO_PERMISSION', `Not allowed in ${target}: ${reason}. ${advice}.`, error);
    }
    case LOCK_NOT_AVAILABLE:
      return new MigrationError('BUSY', `Another process is still migrating ${target}.`, error);
    default: {
      const verb = otherwise === 'UNREACHABLE' ? 'reach' : 'migrate';
      return new MigrationError(otherwise, `Cannot ${verb} ${target}: ${reason}.`, error);
    }
  }
}

/** What an error of the driver or of Prisma's engine says. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused connection to several addresses has a code and no message; the engine's errors end with a
  // trace.
  return error.message.split(/\n\s*0: /)[0] || String((error as NodeJS.ErrnoException).code ?? error.name);
}
