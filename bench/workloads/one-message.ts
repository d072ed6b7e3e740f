import { mustEqual } from './canonical.ts';
import { messageNode, readMessages } from './rows.ts';
import { VARIATIONS, type Workload } from './workload.ts';

/** A message by its id, for its sender or its receiver. */
export const ONE_MESSAGE: Workload = {
  key: 'one-message',
  name: 'one message',
  contestants: ['parley', 'node-http-pg', 'mercurius', 'yoga-prisma', 'postgraphile'],
  connections: [16, 1],
  writes: false,
  path: '/message',
  document: `query ($id: ID!) {
    message(id: $id) { id messageText createdAt isRead sender { id username } receiver { id username } }
  }`,
  postgraphile: {
    document: `query ($id: Int!) {
      message: postgraphileMessageOfViewer(messageId: $id) {
        id: rowId messageText createdAt isRead
        sender: userBySenderId { id: rowId username } receiver: userByReceiverId { id: rowId username }
      }
    }`,
  },
  async cases(database) {
    const rows = await readMessages(
      database,
      `WHERE m.id IN (
         SELECT 1 + (hashint8extended(i, 7) & 2147483647) % (SELECT max(id) FROM messages)
         FROM generate_series(1, $1::bigint) i
       )
       ORDER BY hashint8(m.id)`,
      [VARIATIONS],
    );
    return rows.map((row, i) => ({
      // A user's name and external id are the same here.
      viewer: i % 2 === 0 ? row.sender : row.receiver,
      variables: (naming) => ({ id: naming.message(row) }),
      check: async (answer) => mustEqual(answer, { message: messageNode(row) }),
    }));
  },
};
