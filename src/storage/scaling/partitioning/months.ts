import type { ClientBase } from 'pg';
import type { Branded } from '../../../lib/brand.ts';

/** A calendar month in UTC, as `2026-11`. */
export type Month = Branded<string, 'Month'>;

/** Months are in one row without holes, beside which the two open partitions have all other times. */
export const PAST = 'messages_past';
export const FUTURE = 'messages_future';

/** What is older than a gap like this stays together in the past: one odd time must not make hundreds of tables. */
const LONGEST_GAP_MONTHS = 12;
const MOST_MONTHS = 240;

/** So many months beyond the present one have their partition. */
export const MONTHS_AHEAD = 3;

/** `null` where the text is none. */
export const readMonth = (text: string): Month | null =>
  /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? (text as Month) : null;

export const monthOf = (time: Date): Month => time.toISOString().slice(0, 7) as Month;

/** The month that begins `count` months after this one begins. */
export function monthsAfter(month: Month, count: number): Month {
  const begin = new Date(`${month}-01T00:00:00Z`);
  begin.setUTCMonth(begin.getUTCMonth() + count);
  return monthOf(begin);
}

export const partitionOf = (month: Month): string => `messages_${month.replace('-', '_')}`;

/** `null` for another table. */
export function monthOfPartition(table: string): Month | null {
  const [, year, month] = /^messages_(\d{4})_(\d\d)$/.exec(table) ?? [];
  return month === undefined ? null : (`${year}-${month}` as Month);
}

/** From the first to the last, both included. */
export function monthsUntil(first: Month, last: Month): readonly Month[] {
  return first > last ? [] : [first, ...monthsUntil(monthsAfter(first, 1), last)];
}

/** As PostgreSQL reads a time. */
export const startOf = (month: Month): string => `${month}-01 00:00:00+00`;

/** As in `CREATE TABLE … PARTITION OF messages`. */
export function boundsOf(month: Month): string {
  return `FOR VALUES FROM ('${startOf(month)}') TO ('${startOf(monthsAfter(month, 1))}')`;
}

export const boundsBefore = (month: Month): string => `FOR VALUES FROM (MINVALUE) TO ('${startOf(month)}')`;
export const boundsFrom = (month: Month): string => `FOR VALUES FROM ('${startOf(month)}') TO (MAXVALUE)`;

/** From the oldest one with messages, if it is not too far away, to the present one and some ahead. */
export async function monthsToMake(session: ClientBase): Promise<readonly Month[]> {
  // By the index on created_at, one probe for each month.
  const { rows } = await session.query(`
    WITH RECURSIVE month (begin) AS (
      SELECT date_trunc('month', min(created_at), 'UTC') FROM messages
      UNION ALL
      SELECT (SELECT date_trunc('month', min(created_at), 'UTC') FROM messages
        WHERE created_at >= month.begin + interval '1 month')
      FROM month WHERE month.begin IS NOT NULL
    )
    SELECT to_char(begin, 'YYYY-MM') AS month, to_char(now(), 'YYYY-MM') AS present FROM month`);
  const present: Month = rows[0].present;
  let first = present;
  for (const { month } of rows.reverse())
    if (month !== null && month < first && month >= monthsAfter(first, -LONGEST_GAP_MONTHS)) first = month;
  return monthsUntil(first, monthsAfter(present, MONTHS_AHEAD)).slice(-MOST_MONTHS);
}

/** The months that have their partition, in order. */
export async function monthsWithPartition(session: Pick<ClientBase, 'query'>): Promise<readonly Month[]> {
  const { rows } = await session.query(
    `SELECT relname::text AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
     WHERE inhparent = 'messages'::regclass ORDER BY relname`,
  );
  return rows.flatMap(({ name }) => monthOfPartition(name) ?? []);
}
