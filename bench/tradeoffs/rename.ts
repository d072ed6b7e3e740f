import type { Pool, PoolClient } from 'pg';
import { median } from '../support/statistics.ts';

export interface Rename {
  /** That the user has sent or received. */
  readonly messages: number;
  readonly ms: number;
  /** Written by it. */
  readonly rows: number;
}

const TIMES = 3;

const PEOPLE = `
  SELECT u.id, count.messages FROM users u JOIN (
    SELECT id, sum(messages)::int AS messages
    FROM (
      SELECT sender_id AS id, messages FROM bench_directions UNION ALL SELECT receiver_id, messages FROM bench_directions
    ) side
    GROUP BY id
  ) count USING (id)
  ORDER BY count.messages`;

/** Of a user with fewest messages, and of one with most. Plain SQL: the API renames nobody, other programs do. */
export async function measureRenames(
  database: Pool,
): Promise<{ readonly few: Rename; readonly many: Rename }> {
  const { rows } = await database.query<{ id: number; messages: number }>(PEOPLE);
  const [few, many] = [rows[0], rows.at(-1)];
  if (few === undefined || many === undefined) throw new Error('The database has nobody to rename.');
  return { few: await rename(database, few), many: await rename(database, many) };
}

async function rename(database: Pool, { id, messages }: { id: number; messages: number }): Promise<Rename> {
  const tries: { ms: number; rows: number }[] = [];
  const client = await database.connect();
  try {
    for (let i = 0; i < TIMES; i++) {
      await client.query('BEGIN');
      const before = await written(client);
      const startedAt = performance.now();
      await client.query(`UPDATE users SET username = concat('renamed-', id, '-', $2::int) WHERE id = $1`, [
        id,
        i,
      ]);
      const paused = performance.now();
      const rows = (await written(client)) - before;
      const goesOn = performance.now();
      await client.query('COMMIT');
      tries.push({ ms: performance.now() - goesOn + paused - startedAt, rows });
    }
  } finally {
    client.release(true); // whatever transaction it may still be in
  }
  return { messages, ms: median(tries.map(({ ms }) => ms)), rows: median(tries.map(({ rows }) => rows)) };
}

/** Rows by this session; it may still count some of what it has committed before. */
async function written(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ written: number }>(
    `SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::int AS written FROM pg_stat_xact_user_tables`,
  );
  return rows[0]?.written ?? Number.NaN;
}
