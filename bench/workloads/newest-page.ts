import { MESSAGE_PAGE, MESSAGE_PAGE_PATH, messagePageCase } from './message-page.ts';
import { type Pair, shuffled } from './rows.ts';
import { VARIATIONS, type Workload } from './workload.ts';

/** The newest 50 messages of a conversation that has more. */
export const NEWEST_PAGE: Workload = {
  key: 'newest-50',
  name: 'newest 50 messages',
  contestants: ['parley', 'node-http-pg', 'mercurius', 'yoga-prisma', 'postgraphile'],
  connections: [16, 1],
  writes: false,
  path: MESSAGE_PAGE_PATH,
  document: MESSAGE_PAGE,
  postgraphile: {
    document: `query ($with: Int!, $first: Int!) {
      messages: postgraphileConversation(withId: $with, first: $first) {
        edges {
          cursor
          node {
            id: rowId messageText createdAt isRead
            sender: userBySenderId { id: rowId username } receiver: userByReceiverId { id: rowId username }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }`,
    translate: (answer) => ({ conversation: answer }),
  },
  async cases(database) {
    const { rows } = await database.query<Pair>(
      `SELECT u.external_id AS viewer, u.id AS "viewerId", peer_id AS "peerId"
       FROM (
         SELECT sender_id AS viewer_id, receiver_id AS peer_id, messages FROM bench_directions
         UNION ALL
         SELECT receiver_id, sender_id, messages FROM bench_directions
       ) side
       JOIN users u ON u.id = viewer_id
       GROUP BY u.id, peer_id HAVING sum(messages) > 50
       ORDER BY ${shuffled('u.id', 'peer_id')} LIMIT $1`,
      [VARIATIONS],
    );
    return rows.map((pair) => messagePageCase(database, pair));
  },
};
