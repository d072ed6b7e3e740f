import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Pool } from 'pg';
import { eventually } from '../../support/eventually.ts';

const PROGRAM = join(import.meta.dirname, '../../../dist/operations/export.js');
/** For how long nothing is fetched by an export that waits for its reader. */
const AT_REST_MS = 300;

/** A process begins late on a busy machine. */
export const BEGUN_WITHIN_MS = 20_000;

/** An export whose reader has read the beginning, and then nothing. */
export interface PausedExport extends AsyncDisposable {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** Reads the rest. */
  text(): Promise<string>;
  /** What it has complained about, once it has ended. */
  ended(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Resolves when it waits for its reader, with a transaction in the database of `pool` that is idle. */
export async function pausedExport(pool: Pool, databaseUrl: string): Promise<PausedExport> {
  const args = [PROGRAM, '--since', '2026-01-01T00:00:00Z', '--format', 'ndjson'];
  const child = spawn(process.execPath, args, {
    env: { DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  await once(child.stdout, 'readable');
  await eventually(() => isAtRest(pool), { withinMs: BEGUN_WITHIN_MS });
  return {
    process: child,
    async text() {
      child.stdout.setEncoding('utf8');
      return (await child.stdout.toArray()).join('');
    },
    async ended() {
      const [code] = await closed;
      return { code, stderr };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      child.stdout.destroy();
      await closed;
    },
  };
}

async function isAtRest(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley-export'
     AND state = 'idle in transaction' AND clock_timestamp() - state_change > $1 * interval '1 ms'`,
    [AT_REST_MS],
  );
  return rowCount === 1;
}

/** Cuts the connection of the export. */
export async function cutExport(pool: Pool): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'parley-export'`,
    );
    return rowCount === 1;
  });
}
