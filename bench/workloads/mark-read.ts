import type { Pool } from 'pg';
import { mustEqual } from './canonical.ts';
import { type Pair, shuffled } from './rows.ts';
import type { Workload } from './workload.ts';

/** Fewer than elsewhere: each can be asked for once, and is then made unread again. */
const MOST_CASES = 400;
const UNREAD = 50;

const PAIRS = `
  SELECT u.external_id AS viewer, u.id AS "viewerId", d.sender_id AS "peerId"
  FROM bench_directions d JOIN users u ON u.id = d.receiver_id
  WHERE d.messages >= ${UNREAD}
  ORDER BY ${shuffled('u.id', 'd.sender_id')} LIMIT ${MOST_CASES}`;

/** Of every pair the newest 50 messages are unread, and no other: in both tables, and past the triggers. */
const RESTORE = [
  'BEGIN',
  'SET LOCAL session_replication_role = replica',
  `CREATE TEMP TABLE wanted ON COMMIT DROP AS
   SELECT m.id, m.place > ${UNREAD} AS is_read FROM (${PAIRS}) pair
   CROSS JOIN LATERAL (
     SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM messages
     WHERE sender_id = pair."peerId" AND receiver_id = pair."viewerId"
   ) m`,
  ...['messages', 'plain_messages'].map(
    (table) =>
      `UPDATE ${table} m SET is_read = w.is_read FROM wanted w WHERE m.id = w.id AND m.is_read <> w.is_read`,
  ),
  `UPDATE conversations c SET unread_count = ${UNREAD} FROM (${PAIRS}) pair
   WHERE c.user_id = pair."viewerId" AND c.peer_id = pair."peerId"`,
  'COMMIT',
];

async function restore(database: Pool): Promise<void> {
  const client = await database.connect();
  try {
    for (const statement of RESTORE) await client.query(statement);
  } finally {
    client.release(true);
  }
}

/** 50 unread messages of one conversation become read. */
export const MARK_READ: Workload = {
  key: 'mark-read',
  name: 'mark 50 read',
  contestants: ['parley', 'node-http-pg', 'mercurius'],
  connections: [16],
  writes: true,
  path: '/mark',
  document: `mutation ($input: MarkConversationReadInput!) {
    markConversationRead(input: $input) { markedCount }
  }`,
  async cases(database) {
    const { rows } = await database.query<Pair>(PAIRS);
    return rows.map(({ viewer, peerId }) => ({
      viewer,
      variables: (naming) => ({ input: { with: naming.user(peerId) } }),
      check: async (answer) => mustEqual(answer, { markConversationRead: { markedCount: UNREAD } }),
    }));
  },
  restore,
};
