import type { Ask } from './read-only.ts';

export interface Growth {
  readonly messagesPerDay: number;
  /** The last days that this is the mean of: from 1, also where the first message is younger, to 7. */
  readonly days: number;
  /** Whether more have come than are counted: then it is at least so many. */
  readonly atLeast: boolean;
}

const MOST_DAYS = 7;
/** What is read at most, of the index on `created_at` alone: where this many came within a day, they are not all counted. */
const MOST_COUNTED = 500_000;

// A scan of the whole table with a sort could seem cheaper than half a million entries of an index.
const ALONG_THE_INDEX = 'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off';

const SELECT_NEWEST = `
  SELECT count(*)::float8 AS count, extract(epoch FROM now() - min(created_at))::float8 / 86400 AS days
  FROM (
    SELECT created_at FROM messages
    WHERE created_at BETWEEN now() - interval '${MOST_DAYS} days' AND now()
    ORDER BY created_at DESC LIMIT ${MOST_COUNTED}
  ) newest`;

const SELECT_AGE = `
  SELECT extract(epoch FROM now() - min(created_at))::float8 / 86400 AS days FROM messages`;

/** How many messages have come a day, by their `created_at`, lately; those that are gone again do not count. */
export async function readGrowth(ask: Ask): Promise<Growth> {
  await ask(ALONG_THE_INDEX);
  const [newest] = await ask<{ count: number; days: number | null }>(SELECT_NEWEST);
  const count = newest?.count ?? 0;
  const cut = count === MOST_COUNTED;
  const [since] = cut ? [newest] : await ask<{ days: number | null }>(SELECT_AGE);
  // A database of an hour must not be thought to grow so all day.
  const days = Math.min(Math.max(since?.days ?? MOST_DAYS, 1), MOST_DAYS);
  return { messagesPerDay: count / days, days, atLeast: cut && (newest?.days ?? 0) < 1 };
}
