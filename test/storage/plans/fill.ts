import type pg from 'pg';

/** `users.id` of those who have a part in the operations. External ids and usernames are u1, u2, … */
export const PERSON = {
  alice: 1,
  /** With alice: the long conversation, in both directions. */
  bob: 2,
  carol: 3,
  /** Carol's messages to dave are the one-sided conversation: he has neither read them nor answered. */
  dave: 4,
  /** Has no messages. */
  erin: 5,
  newcomer: 6,
  /** The first of those who have a short conversation with alice. */
  firstPeer: 11,
} as const;

/** How many there are. */
export interface Size {
  readonly users: number;
  readonly long: number;
  readonly oneSided: number;
  /** With `PEER_MESSAGES` each. */
  readonly peers: number;
  /** Messages between all other users. */
  readonly others: number;
}

export const LARGE: Size = { users: 20_000, long: 60_000, oneSided: 30_000, peers: 600, others: 101_000 };
export const SMALL: Size = { users: 2_000, long: 6_000, oneSided: 100, peers: 20, others: 6_000 };

export const PEER_MESSAGES = 15;
/** What alice has not read of bob's, and of each peer's. */
export const UNREAD = 5;
/** The first message of each kind is a minute after it, the next ones a minute apart. */
const BEGINNING = '2026-01-01T00:00:00Z';

/**
 * Fills a migrated database with what the triggers would have written, in one pass and without them.
 * @param pool of a superuser
 */
export async function fill(pool: pg.Pool, size: Size): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(USERS, [size.users]);
    const peerMessages = size.peers * PEER_MESSAGES;
    await client.query(MESSAGES, [
      ...[size.long, size.oneSided, peerMessages, size.others],
      ...[size.peers, size.users],
    ]);
    for (const statement of DERIVED) await client.query(statement);
    // All rows are looked at, instead of a sample, so that each run is given the same plans.
    await client.query('SET default_statistics_target = 1000');
    await client.query('ANALYZE');
  } finally {
    client.release(true);
  }
}

const USERS = `
  INSERT INTO users (external_id, username) SELECT 'u' || n, 'u' || n FROM generate_series(1, $1::int) n`;

/** The kinds are mixed in the table as they would have come in. A tenth of the long conversation shares one time. */
const MESSAGES = `
  INSERT INTO messages (sender_id, receiver_id, message_text, created_at, is_read)
  SELECT sender, receiver, 'message ' || n || ', which is about as long as most of them are',
    '${BEGINNING}'::timestamptz + minute * interval '1 minute', is_read
  FROM (
    SELECT n, CASE WHEN n BETWEEN $1 * 0.2 AND $1 * 0.3 THEN $1 / 5 ELSE n END,
      CASE WHEN n % 2 = 0 THEN ${PERSON.alice} ELSE ${PERSON.bob} END,
      CASE WHEN n % 2 = 0 THEN ${PERSON.bob} ELSE ${PERSON.alice} END,
      n <= $1 - 2 * ${UNREAD}
    FROM generate_series(1, $1::int) n
    UNION ALL
    SELECT n, n, ${PERSON.carol}, ${PERSON.dave}, false FROM generate_series(1, $2::int) n
    UNION ALL
    SELECT n, n, ${PERSON.firstPeer} + n % $5::int, ${PERSON.alice}, n <= $3 - ${UNREAD} * $5
    FROM generate_series(1, $3::int) n
    UNION ALL
    SELECT n, n, first + n * 7919::bigint % others, first + n * 104729::bigint % others, n % 2 = 0
    FROM generate_series(1, $4::int) n,
      (SELECT ${PERSON.firstPeer} + $5 AS first, $6::int - ${PERSON.firstPeer} - $5 AS others) o
  ) message (n, minute, sender, receiver, is_read)
  ORDER BY minute, n`;

const SIDES = `(
  SELECT receiver_id AS user_id, sender_id AS peer_id, id, created_at, (NOT is_read)::int AS unread FROM messages
  UNION ALL
  SELECT sender_id, receiver_id, id, created_at, 0 FROM messages WHERE sender_id <> receiver_id
) side`;

const DERIVED = [
  `INSERT INTO conversations (user_id, peer_id, last_created_at, last_id, unread_count)
   SELECT DISTINCT ON (user_id, peer_id) user_id, peer_id, created_at, id,
     sum(unread) OVER (PARTITION BY user_id, peer_id)
   FROM ${SIDES} ORDER BY user_id, peer_id, created_at DESC, id DESC`,
  `INSERT INTO inbox_events (user_id, seq, kind, message_ids, message_created_ats, created_at)
   SELECT user_id, row_number() OVER (PARTITION BY user_id ORDER BY id), 'sent', ARRAY[id], ARRAY[created_at], now()
   FROM ${SIDES}`,
  'INSERT INTO inbox_heads (user_id, seq) SELECT user_id, count(*) FROM inbox_events GROUP BY user_id',
  `INSERT INTO idempotency_keys (sender_id, key, input_hash, message_id)
   SELECT sender_id, 'key ' || id, sha256('input'), id FROM messages WHERE id % 4 = 0`,
];
