import type { Pool } from 'pg';
import type { Person } from './people.ts';

/** Nobody can write to this user's log while `act` runs. It is given which connection keeps them from it. */
export async function withHeadLocked(
  pool: Pool,
  { row }: Person,
  act: (holder: number) => Promise<unknown>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(
      'SELECT pg_backend_pid() AS pid FROM inbox_heads WHERE user_id = $1 FOR UPDATE',
      [row],
    );
    if (rows.length === 0) throw new Error('this user has no log yet');
    await act(rows[0].pid);
  } finally {
    await client.query('COMMIT');
    client.release();
  }
}

export interface Waiting {
  readonly pid: number;
  /** Whoever has what it waits for. */
  readonly for: readonly number[];
}

/** The connections to this database that wait for locks. */
export async function waitingForLocks(pool: Pool): Promise<Waiting[]> {
  const { rows } = await pool.query(
    `SELECT pid, pg_blocking_pids(pid) AS for FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows;
}
