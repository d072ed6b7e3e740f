import pg from 'pg';
import { Unavailable } from '../messaging/errors.ts';

/** SQLSTATE codes (PostgreSQL manual, appendix A) that this server acts on. */
export const SQLSTATE = {
  FOREIGN_KEY_VIOLATION: '23503',
  SERIALIZATION_FAILURE: '40001',
  DEADLOCK_DETECTED: '40P01',
  PROGRAM_LIMIT_EXCEEDED: '54000',
  LOCK_NOT_AVAILABLE: '55P03',
  INSUFFICIENT_PRIVILEGE: '42501',
  UNDEFINED_COLUMN: '42703',
  INVALID_CATALOG_NAME: '3D000',
  OBJECT_NOT_IN_PREREQUISITE_STATE: '55000',
  QUERY_CANCELED: '57014',
} as const;

/** Of a connection's user and password. */
const INVALID_AUTHORIZATION = '28';
/** 08 connection, and what PgBouncer refuses; 53 out of resources, 57P shut down or starting up, 58 system error (I/O). */
const UNAVAILABLE_CLASSES = /^(08|28|53|57P|58)/;

const PASSING: ReadonlySet<string> = new Set([
  SQLSTATE.SERIALIZATION_FAILURE,
  SQLSTATE.DEADLOCK_DETECTED,
  SQLSTATE.LOCK_NOT_AVAILABLE,
  SQLSTATE.QUERY_CANCELED,
  // Of a connection that was refused: the database is gone, or takes none for now.
  SQLSTATE.INVALID_CATALOG_NAME,
  SQLSTATE.OBJECT_NOT_IN_PREREQUISITE_STATE,
]);

/** pg, node:net and Prisma (P1001 unreachable, P1002 and P1008 too slow, P1017 closed, P2024 pool) give no SQLSTATE then. */
const CONNECTION_FAILURE =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|P1001|P1002|P1008|P1017|P2024|Connection terminated|connection timeout|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|pool after calling end/i;

/** The SQLSTATE of an error from the database, through Prisma too. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code;
  return (error as PrismaFailure | null | undefined)?.meta?.driverAdapterError?.cause?.originalCode;
}

/** What Prisma's errors keep of the database's. */
interface PrismaFailure {
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: string } } };
}

/** True when who connects is not let in: nobody at fault but the operator, who may just be changing a password. */
export function isRefusedLogin(error: unknown): boolean {
  return sqlState(error)?.startsWith(INVALID_AUTHORIZATION) === true;
}

/** True when the same statement may succeed if it is tried again later. */
export function isPassing(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) return UNAVAILABLE_CLASSES.test(code) || PASSING.has(code);
  if (!(error instanceof Error)) return false;
  const { code: nodeCode = '' } = error as NodeJS.ErrnoException;
  return CONNECTION_FAILURE.test(`${nodeCode} ${error.message}`) || isPassing(error.cause);
}

/** 21, 22, 23 the statement's own data, 40 lost to another transaction, 54 limits, 55 locks. */
const ROLLED_BACK_CLASSES = /^(21|22|23|40|54|55)/;
/** 40003: the server itself does not know. */
const UNKNOWN_COMPLETION = '40003';

/** True when it is certain that a statement on its own has changed nothing. */
export function isRolledBack(error: unknown): boolean {
  const code = sqlState(error instanceof Unavailable ? error.cause : error);
  return code !== undefined && code !== UNKNOWN_COMPLETION && ROLLED_BACK_CLASSES.test(code);
}

/** What may succeed later becomes `Unavailable`, with the original as its cause. */
export function translateError(error: unknown): unknown {
  return isPassing(error) && !(error instanceof Unavailable)
    ? new Unavailable('The database cannot answer now. Try again.', { cause: error })
    : error;
}

/** Runs `work`; its errors are translated. */
export async function translatingErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateError(error);
  }
}
