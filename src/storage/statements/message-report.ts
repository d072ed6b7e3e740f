import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageReportRow } from '../../messaging/model.ts';
import type { Statement } from '../statement.ts';

/**
 * Messages of $1 <= created_at < $2 by $3 (hour, day, month), in UTC. Each interval is a range of idx_messages_created, and
 * its senders are sorted alone: grouped by date_trunc(), all messages would be sorted on disk, beside everybody's sends.
 */
export const MESSAGE_REPORT: Statement<MessageReportRow> = {
  name: 'message_report',
  text: `
    SELECT step.since, sent.messages, sent.read_share, sent.active_senders
    FROM generate_series(date_trunc($3::text, $1::timestamptz, 'UTC'), $2::timestamptz, ('1 ' || $3)::interval)
      AS step (since)
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS messages, avg(is_read::int)::float8 AS read_share,
        count(DISTINCT sender_id)::int AS active_senders
      FROM messages
      WHERE created_at >= greatest(step.since, $1) AND created_at < least(step.since + ('1 ' || $3)::interval, $2)
    ) sent
    WHERE sent.messages > 0
    ORDER BY step.since`,
  row: ([since, messages, readShare, activeSenders]) => ({
    since: since as Timestamp,
    messages: messages as number,
    readShare: readShare as number,
    activeSenders: activeSenders as number,
  }),
};
