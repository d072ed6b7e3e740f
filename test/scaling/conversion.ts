import pg from 'pg';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { type Conversion, convert } from '../../src/storage/scaling/partitioning/convert.ts';
import type { Month } from '../../src/storage/scaling/partitioning/months.ts';
import type { Form } from '../../src/storage/scaling/partitioning/state.ts';
import { withSession } from '../../src/storage/scaling/session.ts';

const NEVER = new AbortController().signal;

/** As `npm run scale` does it. @param months which have a partition each; by default those that need one */
export function convertTo(
  target: Form,
  databaseUrl: string,
  months?: readonly string[],
  tell: (line: string) => void = () => {},
): Promise<Conversion> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return convert(session, target, { onStep: () => {}, tell }, NEVER, months as Month[] | undefined);
  });
}

const KILLED = 'the process was killed';

/**
 * The same over a connection that is gone as soon as `dies` says so of a statement, before that is sent: to the database
 * it is as if the process had been killed.
 */
export async function convertUntilKilled(
  target: Form,
  databaseUrl: string,
  dies: (statement: string) => boolean,
): Promise<'done' | 'killed'> {
  const session = new pg.Client({ connectionString: databaseUrl });
  session.on('error', () => {});
  await session.connect();
  await claimOrExplain(session);
  const query = session.query.bind(session) as (...asked: unknown[]) => Promise<unknown>;
  let dead = false;
  session.query = (async (...asked: unknown[]) => {
    dead ||= dies(String(asked[0]));
    if (!dead) return query(...asked);
    (session as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw new Error(KILLED);
  }) as never;
  try {
    await convert(session, target, { onStep: () => {}, tell: () => {} }, NEVER);
    return 'done';
  } catch (error) {
    if ((error as Error).message !== KILLED) throw error;
    return 'killed';
  } finally {
    session.end().catch(() => {});
  }
}

/** Every message as it is, whichever form the table has. */
export async function allMessages(pool: Pick<pg.Pool, 'query'>): Promise<unknown[]> {
  const { rows } = await pool.query(
    `SELECT id::int, sender_id, receiver_id, message_text, full_text, created_at::text, is_read
     FROM messages ORDER BY id`,
  );
  return rows;
}
