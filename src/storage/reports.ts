import type { Pool } from 'pg';
import type { Reports } from '../messaging/ports.ts';
import { translatingErrors } from './errors.ts';
import { connectionExecutor } from './executor.ts';
import { MESSAGE_REPORT, REPORT_TIMEOUT_MS } from './statements/message-report.ts';

export function reports(pool: Pool): Reports {
  return { messages: (...asked) => translatingErrors(() => report(pool, asked)) };
}

async function report(pool: Pool, asked: Parameters<Reports['messages']>) {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(`SET LOCAL statement_timeout = ${REPORT_TIMEOUT_MS}`);
    const rows = await connectionExecutor(client).run(MESSAGE_REPORT, asked);
    await client.query('COMMIT');
    broken = false;
    return rows;
  } finally {
    client.release(broken);
  }
}
