import type { Client } from 'pg';
import type { Progress } from '../support/progress.ts';
import type { Content } from './contents.ts';
import { corpus } from './corpus.ts';

/** Rows for each word of progress. */
const CHUNK = 100_000;

const USERS = `
  INSERT INTO users (external_id, username, created_at)
  SELECT concat('person-', i), concat('person-', i), '2025-10-01Z'
  FROM generate_series(1, $1::int) i`;

/** What the triggers on messages would have kept. */
const CONVERSATIONS = `
  INSERT INTO conversations (user_id, peer_id, last_created_at, last_id, unread_count)
  SELECT user_id, peer_id, max(created_at), max(id), sum(unread)
  FROM (
    SELECT receiver_id AS user_id, sender_id AS peer_id, created_at, id, (NOT is_read)::int AS unread FROM messages
    UNION ALL
    SELECT sender_id, receiver_id, created_at, id, 0 FROM messages
  ) side
  GROUP BY user_id, peer_id`;

const INBOX_HEADS = `
  INSERT INTO inbox_heads (user_id, seq)
  SELECT user_id, count(*)
  FROM (SELECT sender_id AS user_id FROM messages UNION ALL SELECT receiver_id FROM messages) side
  GROUP BY user_id`;

/** From whom to whom how many: only for choosing what to ask for. */
const DIRECTIONS = `
  CREATE TABLE bench_directions AS
  SELECT sender_id, receiver_id, count(*)::int AS messages FROM messages GROUP BY sender_id, receiver_id`;

/** The contract's table with nothing but what the contract asks for: what peers write to. */
const PLAIN_TABLES = [
  `CREATE TABLE plain_messages (
    id SERIAL PRIMARY KEY,
    sender_id INT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    receiver_id INT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    message_text TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    is_read BOOLEAN NOT NULL DEFAULT false
  )`,
  `CREATE TABLE plain_keys (sender_id INT, key TEXT, message_id BIGINT NOT NULL, PRIMARY KEY (sender_id, key))`,
];

const PLAIN_CONTENTS = [
  `INSERT INTO plain_messages SELECT id, sender_id, receiver_id, message_text, created_at, is_read FROM messages`,
  `CREATE INDEX ON plain_messages (sender_id)`,
  `CREATE INDEX ON plain_messages (receiver_id)`,
  `CREATE INDEX ON plain_messages (created_at)`,
  `CREATE INDEX ON plain_messages (sender_id, receiver_id) INCLUDE (message_text, created_at, is_read)`,
  `SELECT setval(pg_get_serial_sequence('plain_messages', 'id'), max(id)) FROM plain_messages`,
];

/** What PostGraphile, which makes its schema from the database, cannot know of the tables alone. */
const POSTGRAPHILE = [
  'CREATE SCHEMA postgraphile',
  `CREATE FUNCTION postgraphile.viewer_id() RETURNS int LANGUAGE sql STABLE
   RETURN (SELECT id FROM users WHERE external_id = current_setting('jwt.claims.sub', true))`,
  `CREATE FUNCTION postgraphile.message_of_viewer(message_id int) RETURNS messages LANGUAGE sql STABLE BEGIN ATOMIC
     SELECT * FROM messages WHERE id = message_id AND postgraphile.viewer_id() IN (sender_id, receiver_id);
   END`,
  `CREATE FUNCTION postgraphile.conversation(with_id int) RETURNS SETOF messages LANGUAGE sql STABLE BEGIN ATOMIC
     SELECT * FROM (
       SELECT * FROM messages WHERE sender_id = postgraphile.viewer_id() AND receiver_id = with_id
       UNION ALL
       SELECT * FROM messages WHERE sender_id = with_id AND receiver_id = postgraphile.viewer_id()
     ) m
     ORDER BY created_at DESC, id DESC;
   END`,
];

/** Fills a migrated database, past its triggers: they would take a hundred times as long. */
export async function generate(client: Client, content: Content, progress: Progress): Promise<void> {
  const { messages, users, insert, step, forPeers } = content;
  await client.query(
    `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'`,
  );
  await client.query(USERS, [users]);

  // Built at once afterwards, they take a fraction of the time.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE tablename = 'messages' AND indexname <> 'messages_pkey' ORDER BY indexname`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);

  progress.begin(`${messages} messages are written`);
  const text = corpus();
  for (let first = 1; first <= messages; first += CHUNK) {
    const last = Math.min(messages, first + CHUNK - 1);
    await client.query(insert, [first, last, messages, users, step, text, text.length]);
    progress.show(last, messages);
  }

  const rest = [
    ...indexes.map(({ definition }) => definition),
    `SELECT setval('messages_id_seq', max(id)) FROM messages`,
    'ANALYZE messages',
    CONVERSATIONS,
    INBOX_HEADS,
    DIRECTIONS,
    ...PLAIN_TABLES,
    ...(forPeers ? [...PLAIN_CONTENTS, ...POSTGRAPHILE] : []),
    'VACUUM (FREEZE, ANALYZE)',
    'CHECKPOINT',
  ];
  progress.begin(`${messages} messages are indexed`);
  for (const [done, statement] of rest.entries()) {
    await client.query(statement);
    progress.show(done + 1, rest.length);
  }
  progress.end();
}
