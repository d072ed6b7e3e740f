import type { Timestamp } from '../lib/rfc3339.ts';
import { BadUserInput, Forbidden } from './errors.ts';
import type { MessageReportRow, ReportInterval, Viewer } from './model.ts';
import type { Reports } from './ports.ts';

export const MAX_REPORT_ROWS = 10_000;
const INTERVAL_MS = { hour: 3_600_000, day: 86_400_000, month: 28 * 86_400_000 };

export interface ReportRequest {
  readonly since: Timestamp;
  readonly until: Timestamp;
  readonly interval: ReportInterval;
}

/** Messages sent in `since <= created_at < until`, by hour, day or month (UTC); intervals without any are left out. */
export async function reportMessages(
  reports: Reports,
  viewer: Viewer,
  { since, until, interval }: ReportRequest,
): Promise<readonly MessageReportRow[]> {
  if (!viewer.admin)
    throw new Forbidden('Reports are for administrators: the token must carry role "admin".');
  if (since >= until) throw new BadUserInput('until', 'until must be later than since.');
  const rows = (Date.parse(until) - Date.parse(since)) / INTERVAL_MS[interval];
  if (rows > MAX_REPORT_ROWS)
    throw new BadUserInput(
      'since',
      `From since to until there are more than ${MAX_REPORT_ROWS} intervals; take longer ones.`,
    );
  return reports.messages(since, until, interval);
}
