import type { Client } from 'pg';
import { loadDatabase } from '../../config.ts';
import { claimOrExplain } from '../../storage/scaling/claim.ts';
import { withOnlooker } from '../../storage/scaling/onlooker.ts';
import { withSession } from '../../storage/scaling/session.ts';
import { withDatabase } from '../database.ts';

/**
 * Runs `work` on the database as the only command that changes how messages are stored.
 * @param tell hears who is in its way
 */
export function underClaim<T>(
  tell: (line: string) => void,
  work: (session: Client, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDatabase(loadDatabase(), (url, signal) =>
    withSession(url, async (session) => {
      await claimOrExplain(session);
      return withOnlooker(url, session, tell, () => work(session, signal));
    }),
  );
}
