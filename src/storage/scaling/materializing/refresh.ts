import type { Client, ClientBase, Pool } from 'pg';
import { withLongStatements } from '../long-statements.ts';
import { actAsOwner } from '../partitioning/objections.ts';
import { withSession } from '../session.ts';
import { FEED, FEED_REFRESH, NOTE_ENDS, REFRESH_AFTER } from './feed.ts';

/** One node at a time; the others go on without it. */
const REFRESH_LOCK = 7_214_020_115;

/**
 * Refreshes the view if that is due. Any number of nodes may call this at once, and as often as they like: when the last
 * refresh was is written in the database, and one of them makes the next.
 * @param directUrl of the database that `pool` leads to, not through a pooler
 * @returns whether it has refreshed it
 * @throws when `signal` aborts: the view stays as it was
 */
export async function keepFeedFresh(pool: Pool, directUrl: string, signal: AbortSignal): Promise<boolean> {
  if (!(await isDue(pool))) return false;
  return withSession(directUrl, (session) =>
    withLongStatements(session, signal, () => refreshIfDue(session)),
  );
}

async function isDue(session: Pick<ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await session.query(
    `SELECT begun_at < now() - interval '${REFRESH_AFTER}' AS due FROM ${FEED_REFRESH}`,
  );
  return rows[0]?.due === true;
}

/** Nobody waits for it: who reads sees the view as it was, until the end. What changed is written, the rest stays. */
async function refreshIfDue(session: Client): Promise<boolean> {
  await actAsOwner(session);
  await session.query('BEGIN');
  const { rows } = await session.query(`SELECT pg_try_advisory_xact_lock(${REFRESH_LOCK}) AS mine`);
  // Another node may have been quicker.
  const due = rows[0].mine && (await isDue(session));
  if (due) await session.query(`${NOTE_ENDS}; REFRESH MATERIALIZED VIEW CONCURRENTLY ${FEED}`);
  await session.query('COMMIT');
  return due;
}
