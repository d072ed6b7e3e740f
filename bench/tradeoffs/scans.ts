import type { Pool } from 'pg';
import { Connection } from '../load/connection.ts';
import { adminAuthorizationOf } from '../support/environment.ts';
import { median } from '../support/statistics.ts';
import type { Deployment } from './deployment.ts';

/** What reads all messages; milliseconds, `null` where the server refused: it ends reports that take too long. */
export interface Scans {
  /** A report over the whole year, by the month. */
  readonly reportMs: number | null;
  /** What the design has in mind: every row is looked at, and no index helps. */
  readonly fullScanMs: number;
}

const TIMES = 3;
const FULL_SCAN = `SELECT count(*) FROM messages WHERE message_text LIKE '%no text has these words%'`;

export const reportBody = (since: string, until: string, interval: 'DAY' | 'MONTH') =>
  JSON.stringify({
    query: `query ($since: DateTime!, $until: DateTime!) {
      messageReport(since: $since, until: $until, interval: ${interval}) { messages readShare activeSenders }
    }`,
    variables: { since, until },
  });

export async function measureScans({ server, backend: { database } }: Deployment): Promise<Scans> {
  const connection = new Connection(new URL(server.url).origin);
  const authorization = await adminAuthorizationOf('person-1');
  const body = reportBody('2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'MONTH');
  try {
    const report = () => connection.send({ path: '/graphql', authorization, body });
    const reportMs = await timed(report).catch(() => null);
    return { reportMs, fullScanMs: await timed(() => fullScan(database)) };
  } finally {
    await connection.close();
  }
}

const fullScan = (database: Pool) => database.query(FULL_SCAN);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return median(times);
}
