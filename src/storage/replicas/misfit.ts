import { TookTooLong } from '../../lib/within.ts';
import { Unavailable } from '../../messaging/errors.ts';
import { isRefusedLogin } from '../errors.ts';
import type { Standing } from '../statements/replication.ts';

/** A server is not what DATABASE_REPLICA_URLS takes, and will not become it by waiting. The message completes "host:port …". */
export class Misfit extends Error {}

/** @throws Misfit */
export function checkFit(standing: Standing, primary: Standing): void {
  if (!standing.isStandby) throw new Misfit('is a primary');
  if (standing.cluster !== primary.cluster) throw new Misfit('belongs to another cluster');
  if (standing.database !== primary.database) throw new Misfit('is another database of that cluster');
}

/** What cannot be looked at is away, or it refuses us. */
export function refusalOrAbsence(error: unknown): unknown {
  if (error instanceof Misfit || isAbsence(error)) return error;
  const reason = error instanceof Unavailable ? error.cause : error;
  return new Misfit(`refuses: ${reason instanceof Error ? reason.message : reason}`);
}

function isAbsence(error: unknown): boolean {
  if (error instanceof Unavailable) return !isRefusedLogin(error.cause);
  if (error instanceof TookTooLong) return true;
  // Of the network, as EHOSTUNREACH.
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
