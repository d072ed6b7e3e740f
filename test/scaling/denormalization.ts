import type { Pool } from 'pg';
import type { Change } from '../../src/storage/scaling/change.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { denormalize, normalize, type Step } from '../../src/storage/scaling/denormalizing/denormalize.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { sessionUntilKilled } from './conversion.ts';

const NEVER = new AbortController().signal;
const QUIET = { onStep: () => {}, tell: () => {} };

/** As `npm run scale` does it. */
export function keepNames(
  databaseUrl: string,
  onStep: (step: Step, done: number) => void = () => {},
): Promise<Change> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return denormalize(session, { ...QUIET, onStep }, NEVER);
  });
}

export function takeNamesOut(databaseUrl: string): Promise<Change> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return normalize(session, QUIET, NEVER);
  });
}

/** The same as `keepNames`, over a connection that is gone as soon as `dies` says so of a statement, before that is sent. */
export const keepNamesUntilKilled = (databaseUrl: string, dies: (statement: string) => boolean) =>
  sessionUntilKilled(databaseUrl, dies, (session) => denormalize(session, QUIET, NEVER));

/** The columns and triggers are there, and no message of before has been given its names. */
export const untilFilling = (databaseUrl: string) =>
  keepNamesUntilKilled(databaseUrl, (statement) => statement.includes('SET LOCAL lock_timeout = 50'));

/** The messages of which a name is not that of its user; those without, too. */
export async function wrongNames(pool: Pick<Pool, 'query'>): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT m.id::int, m.sender_username, s.username AS sender, m.receiver_username, r.username AS receiver
     FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id
     WHERE m.sender_username IS DISTINCT FROM s.username OR m.receiver_username IS DISTINCT FROM r.username
     ORDER BY m.id`,
  );
  return rows;
}

export const rename = (pool: Pick<Pool, 'query'>, user: number | undefined, username: string) =>
  pool.query('UPDATE users SET username = $2 WHERE id = $1', [user, username]);
