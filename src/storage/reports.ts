import type { Pool, PoolClient } from 'pg';
import type { Timestamp } from '../lib/rfc3339.ts';
import { Turns } from '../lib/turns.ts';
import { Unavailable } from '../messaging/errors.ts';
import type { ReportInterval } from '../messaging/model.ts';
import type { Reports } from '../messaging/ports.ts';
import { SQLSTATE, sqlState, translatingErrors } from './errors.ts';
import { connectionExecutor } from './executor.ts';
import type { Replicas } from './replicas/replicas.ts';
import { SILENCE_MS, type Statement } from './statement.ts';
import { MESSAGE_REPORT } from './statements/message-report.ts';

type Request = readonly [since: Timestamp, until: Timestamp, interval: ReportInterval];

/** What reports may take of a node and its database: everybody else should not notice them. */
export interface ReportBounds {
  /** Of one report; ordinary statements may not take this long. */
  readonly timeoutMs: number;
  /** How long one waits for others. All in all a report must be answered before HTTP_IDLE_TIMEOUT_MS. */
  readonly waitMs: number;
}

const BOUNDS: ReportBounds = { timeoutMs: 30_000, waitMs: 10_000 };

/** Each takes one of the pool's connections, and one processor of the database (npm run bench:reports). */
const AT_A_TIME = 1;

/** Reports run on a replica while one is in use, and show what that has: up to its lag ago. */
export function reports(
  primary: Pool,
  replicas: Replicas | null,
  { timeoutMs, waitMs }: ReportBounds = BOUNDS,
): Reports {
  const turns = new Turns(AT_A_TIME, waitMs);

  async function run(request: Request) {
    const standby = replicas?.next() ?? null;
    if (replicas !== null && standby !== null)
      try {
        const rows = await runLong(standby.pool, MESSAGE_REPORT, request, timeoutMs);
        replicas.reads.replica++;
        return rows;
      } catch (error) {
        // The primary, which others wait for, would take as long.
        if (error instanceof ReportTookTooLong) throw error;
        standby.distrust(error);
      }
    if (replicas !== null) replicas.reads.primary++;
    return runLong(primary, MESSAGE_REPORT, request, timeoutMs);
  }

  return {
    async messages(...request) {
      const end = await turns.take();
      if (end === null) throw new Unavailable('Other reports are running. Try again later.');
      try {
        return await run(request);
      } finally {
        end();
      }
    },
  };
}

class ReportTookTooLong extends Unavailable {}

/** Runs one statement that may take longer than others. */
async function runLong<Row>(
  pool: Pool,
  statement: Statement<Row>,
  values: readonly unknown[],
  timeoutMs: number,
): Promise<readonly Row[]> {
  const client = await translatingErrors(() => pool.connect());
  let broken = true;
  try {
    const patient = { ...statement, timeoutMs: timeoutMs + SILENCE_MS };
    await translatingErrors(() => begin(client, timeoutMs));
    const rows = await connectionExecutor(client).run(patient, values);
    await translatingErrors(() => client.query('COMMIT'));
    broken = false;
    return rows;
  } catch (error) {
    throw isTooLong(error)
      ? new ReportTookTooLong(
          `The report took longer than ${timeoutMs / 1_000} s. Ask for less time, or when there is less to do.`,
          { cause: error },
        )
      : error;
  } finally {
    client.release(broken);
  }
}

async function begin(client: PoolClient, timeoutMs: number): Promise<void> {
  await client.query('BEGIN READ ONLY');
  // Without workers, which would be further busy processes of the database.
  await client.query(
    `SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL max_parallel_workers_per_gather = 0`,
  );
}

function isTooLong(error: unknown): boolean {
  return error instanceof Unavailable && sqlState(error.cause) === SQLSTATE.QUERY_CANCELED;
}
