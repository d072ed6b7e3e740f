import type { Pool } from 'pg';

export const MANY = 30_000;
const SHORT = 1_280;
/** The first message's; each next one is a second later. */
export const BEGINNING = '2026-01-01T00:00:00.000000Z';

/** Between users 1 and 2 of an empty database, without its triggers, and on the disk in another order than that of their times. */
export async function insertMany(pool: Pool, messages: number, characters = SHORT): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query("INSERT INTO users (external_id, username) VALUES ('1', 'one'), ('2', 'two')");
    await client.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
       SELECT 1, 2, repeat(md5(i::text), ${characters / 32}), $2::timestamptz + i * interval '1 second'
       FROM generate_series(0, $1::int - 1) i ORDER BY hashint4(i)`,
      [messages, BEGINNING],
    );
    await client.query('ANALYZE messages, users');
  } finally {
    // It would write without triggers.
    client.release(true);
  }
}
