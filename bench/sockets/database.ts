import pg from 'pg';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { startCluster } from '../../test/support/cluster.ts';
import type { BenchUser } from './contestant.ts';

/** Whoever sends; many, because each one's own inbox takes one message at a time. */
const SENDERS = 16;

export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  readonly receivers: readonly BenchUser[];
  readonly senders: readonly BenchUser[];
}

/** A PostgreSQL of its own with that many users to receive messages, and some to send them. */
export async function startDatabase(receivers: number): Promise<BenchDatabase> {
  const cluster = await startCluster(undefined);
  try {
    await applyMigrations(cluster.url);
    const client = new pg.Client({ connectionString: cluster.url });
    await client.connect();
    const { rows } = await client.query<BenchUser>(
      `INSERT INTO users (external_id, username)
       SELECT name, name FROM generate_series(1, $1::int) AS i, concat('user-', i) AS name
       RETURNING external_id AS name, id AS row`,
      [receivers + SENDERS],
    );
    await client.query('ANALYZE');
    await client.end();
    return {
      url: cluster.url,
      receivers: rows.slice(SENDERS),
      senders: rows.slice(0, SENDERS),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
