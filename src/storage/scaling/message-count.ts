import type { Ask } from './read-only.ts';
import type { MessagesTable } from './relations.ts';

export interface MessageCount {
  readonly count: number;
  /** `estimated` from PostgreSQL's statistics; `guessed` from the table's size, where there are none. */
  readonly certainty: 'counted' | 'estimated' | 'guessed';
}

/** The most that is read whole, to count it. */
const COUNT_UP_TO_BYTES = 64 * 1024 * 1024;

const COUNT = 'SELECT count(*)::float8 AS count FROM messages';

/**
 * The planner multiplies the tuples on a page that statistics tell of (`reltuples / relpages`) with the pages that are there
 * now, for each partition; where there are no statistics, it guesses from the columns' types.
 * @see https://www.postgresql.org/docs/current/row-estimation-examples.html
 */
const ESTIMATE = 'EXPLAIN (FORMAT JSON) SELECT FROM messages';

interface Explained {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }];
}

export async function countMessages(
  ask: Ask,
  { heapBytes, partitions, neverAnalyzed }: MessagesTable,
): Promise<MessageCount> {
  if (heapBytes <= COUNT_UP_TO_BYTES) {
    const [row] = await ask<{ count: number }>(COUNT);
    return { count: row?.count ?? 0, certainty: 'counted' };
  }
  const [row] = await ask<Explained>(ESTIMATE);
  const count = row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
  // A partitioned table is estimated from its partitions.
  const holders = partitions?.map(({ name }) => name) ?? neverAnalyzed;
  return { count, certainty: neverAnalyzed.some((name) => holders.includes(name)) ? 'guessed' : 'estimated' };
}
