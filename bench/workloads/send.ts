import type { Pool } from 'pg';
import { NEW_KEY } from '../load/protocol.ts';
import { type Pair, shuffled } from './rows.ts';
import { type Case, VARIATIONS, type Workload } from './workload.ts';

const DOCUMENT = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id createdAt } } }`;

const SPREAD = `SELECT u.external_id AS viewer, u.id AS "viewerId", c.peer_id AS "peerId"
  FROM conversations c JOIN users u ON u.id = c.user_id
  ORDER BY ${shuffled('u.id', 'c.peer_id')} LIMIT $1`;

const TO_ONE = `SELECT external_id AS viewer, id AS "viewerId", 1 AS "peerId"
  FROM users WHERE id <> 1 ORDER BY hashint4(id) LIMIT $1`;

interface Answer {
  readonly sendMessage: { readonly message: { readonly id: number; readonly createdAt: number } };
}

/** By how much the clocks of one machine may differ, and a request may take. */
const JUST_NOW_MS = 60_000;

async function sendCases(database: Pool, people: string, keyed: boolean): Promise<readonly Case[]> {
  const { rows } = await database.query<Pair>(people, [VARIATIONS]);
  return rows.map(({ viewer, viewerId, peerId }, i) => {
    const messageText = `Message ${i}: shall we meet tomorrow at nine, in front of the station?`;
    return {
      viewer,
      variables: (naming) => ({
        input: {
          receiverId: naming.user(peerId),
          messageText,
          ...(keyed ? { idempotencyKey: NEW_KEY } : {}),
        },
      }),
      async check(answer) {
        const { id, createdAt } = (answer as Answer).sendMessage.message;
        const { rowCount } = await database.query(
          `SELECT FROM (
             SELECT id, sender_id, receiver_id, message_text FROM messages
             UNION ALL
             SELECT id, sender_id, receiver_id, message_text FROM plain_messages
           ) sent WHERE id = $1 AND sender_id = $2 AND receiver_id = $3 AND message_text = $4`,
          [id, viewerId, peerId, messageText],
        );
        if (rowCount === 0) throw new Error(`there is no message ${id} from ${viewerId} to ${peerId}`);
        if (Math.abs(Date.now() - createdAt) > JUST_NOW_MS)
          throw new Error(`it was not sent at ${createdAt}`);
      },
    };
  });
}

const sending = {
  contestants: ['parley', 'node-http-pg'],
  writes: true,
  path: '/send',
  document: DOCUMENT,
} as const;

/** One message from one of many to one of many. */
export const SEND: Workload = {
  ...sending,
  key: 'send',
  name: 'send',
  connections: [16, 64],
  cases: (database) => sendCases(database, SPREAD, false),
};

/** Many send to the same user, whose inbox takes one message at a time. */
export const SEND_TO_ONE: Workload = {
  ...sending,
  key: 'send-to-one',
  name: 'send to one hot receiver',
  connections: [16],
  cases: (database) => sendCases(database, TO_ONE, false),
};

/** With a new key for each message. */
export const SEND_ONCE: Workload = {
  ...sending,
  key: 'send-once',
  name: 'send with an idempotency key',
  connections: [16],
  path: '/send-once',
  cases: (database) => sendCases(database, SPREAD, true),
};
