import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageReportRow } from '../../messaging/model.ts';
import { SILENCE_MS, type Statement } from '../statement.ts';

/** A report may read many rows; ordinary statements may not take this long. */
export const REPORT_TIMEOUT_MS = 30_000;

/** Messages of $1 <= created_at < $2 by $3 (hour, day, month), in UTC. */
export const MESSAGE_REPORT: Statement<MessageReportRow> = {
  name: 'message_report',
  timeoutMs: REPORT_TIMEOUT_MS + SILENCE_MS,
  text: `
    SELECT date_trunc($3, created_at, 'UTC') AS since, count(*)::int,
      avg(is_read::int)::float8, count(DISTINCT sender_id)::int
    FROM messages WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz
    GROUP BY 1 ORDER BY 1`,
  row: ([since, messages, readShare, activeSenders]) => ({
    since: since as Timestamp,
    messages: messages as number,
    readShare: readShare as number,
    activeSenders: activeSenders as number,
  }),
};
