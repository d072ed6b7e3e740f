import { startOwnCluster } from '../../test/support/own-cluster.ts';
import type { BenchUser } from '../sockets/contestant.ts';

/** What PostgreSQL does by default: a commit is on the disk when it is acknowledged. */
const DURABLE = { fsync: 'on' };

export interface PushDatabase extends AsyncDisposable {
  readonly url: string;
  readonly users: readonly BenchUser[];
}

/** A PostgreSQL of its own with that many users. */
export async function startDatabase(count: number): Promise<PushDatabase> {
  const cluster = await startOwnCluster({ settings: DURABLE });
  try {
    const { rows } = await cluster.pool.query<BenchUser>(
      `INSERT INTO users (external_id, username)
       SELECT name, name FROM generate_series(1, $1::int) AS i, concat('user-', i) AS name
       RETURNING external_id AS name, id AS row`,
      [count],
    );
    await cluster.pool.query('ANALYZE');
    return { url: cluster.url, users: rows, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
