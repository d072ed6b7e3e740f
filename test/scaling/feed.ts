import type pg from 'pg';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { FEED_REFRESH } from '../../src/storage/scaling/materializing/feed.ts';
import { dematerialize, materialize } from '../../src/storage/scaling/materializing/materialize.ts';
import { keepFeedFresh } from '../../src/storage/scaling/materializing/refresh.ts';
import { withSession } from '../../src/storage/scaling/session.ts';

const NEVER = new AbortController().signal;
const WATCHER = { onStep: () => {}, tell: () => {} };

/** As `npm run scale -- materialize` does it. */
export function makeFeed(databaseUrl: string): Promise<boolean> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return materialize(session, WATCHER, NEVER);
  });
}

export function dropFeed(databaseUrl: string): Promise<boolean> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return dematerialize(session, WATCHER, NEVER);
  });
}

/** As if the last refresh had begun so long ago. */
export async function ageFeed(pool: Pick<pg.Pool, 'query'>, age: string): Promise<void> {
  await pool.query(`UPDATE ${FEED_REFRESH} SET begun_at = now() - $1::interval`, [age]);
}

/** As a server does it when an hour is over. */
export async function refreshFeed({ pool, url }: { pool: pg.Pool; url: string }): Promise<boolean> {
  await ageFeed(pool, '1 h');
  return keepFeedFresh(pool, url, NEVER);
}
