import type { Database } from '../../support/inbox-invariants.ts';

/** Empties everything, and lets users 1 to `count` exist. */
export async function castUsers(database: Database, count = 5): Promise<void> {
  await database.query('TRUNCATE users RESTART IDENTITY CASCADE');
  await database.query(
    `INSERT INTO users (external_id, username) SELECT 'u' || n, 'u' || n FROM generate_series(1, $1::int) n`,
    [count],
  );
}

/** Sends one message for each pair, in order, as ids 1, 2, 3, … a second apart. */
export async function send(
  database: Database,
  ...pairs: [sender: number, receiver: number][]
): Promise<void> {
  await database.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT s, r, 'message ' || n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 s'
     FROM unnest($1::int[], $2::int[]) WITH ORDINALITY pair (s, r, n) ORDER BY n`,
    [pairs.map(([sender]) => sender), pairs.map(([, receiver]) => receiver)],
  );
}

/** Events in short: who is told what of which messages. */
export const brief = (
  events: readonly { userId: number; kind: string; messages: readonly string[] }[],
): string[] =>
  events.map(
    ({ userId, kind, messages }) => `${userId}: ${kind} ${messages.map((key) => key.split('@')[0])}`,
  );
