import pg from 'pg';
import type { Change } from '../../src/storage/scaling/change.ts';
import { claimOrExplain } from '../../src/storage/scaling/claim.ts';
import { archive } from '../../src/storage/scaling/partitioning/archive.ts';
import { convert } from '../../src/storage/scaling/partitioning/convert.ts';
import type { Month } from '../../src/storage/scaling/partitioning/months.ts';
import { restore } from '../../src/storage/scaling/partitioning/restore.ts';
import type { Form } from '../../src/storage/scaling/partitioning/state.ts';
import { withSession } from '../../src/storage/scaling/session.ts';

const NEVER = new AbortController().signal;

/** As `npm run scale` does it. @param months which have a partition each; by default those that need one */
export function convertTo(
  target: Form,
  databaseUrl: string,
  months?: readonly string[],
  tell: (line: string) => void = () => {},
): Promise<Change> {
  return underClaim(databaseUrl, (session) =>
    convert(session, target, { onStep: () => {}, tell }, NEVER, months as Month[] | undefined),
  );
}

const KILLED = 'the process was killed';

/**
 * The same over a connection that is gone as soon as `dies` says so of a statement, before that is sent: to the database
 * it is as if the process had been killed.
 */
export const convertUntilKilled = (
  target: Form,
  databaseUrl: string,
  dies: (statement: string) => boolean,
): Promise<'done' | 'killed'> =>
  sessionUntilKilled(databaseUrl, dies, (session) =>
    convert(session, target, { onStep: () => {}, tell: () => {} }, NEVER),
  );

/** Whatever a scaling command does, in the same way. */
export async function sessionUntilKilled(
  databaseUrl: string,
  dies: (statement: string) => boolean,
  work: (session: pg.Client) => Promise<unknown>,
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
    await work(session);
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

/** The triggers write to both tables, and nothing has been copied yet. */
export const untilCopying = (target: Form, databaseUrl: string) =>
  convertUntilKilled(target, databaseUrl, (statement) => statement.includes('FOR KEY SHARE'));

/** Everything has been copied. */
export const untilCompared = (target: Form, databaseUrl: string) =>
  convertUntilKilled(target, databaseUrl, (statement) => statement.includes('WITH bound'));

/** Everything has been compared. */
export const untilSwap = (target: Form, databaseUrl: string) =>
  convertUntilKilled(target, databaseUrl, (statement) => statement.includes('virtualxid'));

/** Gives `act` a connection, on which nothing stays open afterwards. */
export async function within(pool: pg.Pool, act: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await act(client);
  } finally {
    await client.query('ROLLBACK').catch(() => {});
    client.release();
  }
}

/** Sixty messages from one user to another, a day from each to the next. */
export async function writeHistory(pool: pg.Pool, [from, to]: readonly number[]): Promise<void> {
  await pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, now() - i * interval '1 day' FROM generate_series(1, 60) i`,
    [from, to],
  );
}

/** Of the months of `MONTHS_OF_2024`, 21 messages, ten days from each to the next. */
export async function writeHistoryOf2024(pool: pg.Pool, [from, to]: readonly number[]): Promise<void> {
  await pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, '2024-04-15Z'::timestamptz + i * interval '10 days' FROM generate_series(0, 20) i`,
    [from, to],
  );
}
export const MONTHS_OF_2024 = ['04', '05', '06', '07', '08', '09', '10', '11'].map(
  (month) => `2024-${month}`,
);

/** The partitions of months before that one go to the archive, as by the command. */
export const archiveBefore = (databaseUrl: string, month = '2024-06') =>
  underClaim(databaseUrl, (session) =>
    archive(
      session,
      month as Month,
      () => {},
      () => {},
      NEVER,
    ),
  );

/** All of the archive is in the table again. */
export const bringBack = (databaseUrl: string) =>
  underClaim(databaseUrl, (session) =>
    restore(
      session,
      () => {},
      () => {},
      NEVER,
    ),
  );

function underClaim<T>(databaseUrl: string, work: (session: pg.Client) => Promise<T>): Promise<T> {
  return withSession(databaseUrl, async (session) => {
    await claimOrExplain(session);
    return work(session);
  });
}
