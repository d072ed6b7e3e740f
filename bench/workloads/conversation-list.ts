import { mustEqual } from './canonical.ts';
import { messageNode, readMessages } from './rows.ts';
import { VARIATIONS, type Workload } from './workload.ts';

const PAGE_SIZE = 20;

/** The 20 latest conversations of a user who has more. */
export const CONVERSATION_LIST: Workload = {
  key: '20-conversations',
  name: '20 conversations',
  contestants: ['parley', 'node-http-pg', 'mercurius'],
  connections: [16, 1],
  writes: false,
  path: '/conversations',
  document: `query ($first: Int!) {
    conversations(first: $first) {
      edges {
        cursor
        node {
          peer { id username }
          unreadCount
          lastMessage { id messageText createdAt isRead sender { id username } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  async cases(database) {
    const { rows } = await database.query<{ viewer: string; viewerId: number }>(
      `SELECT u.external_id AS viewer, u.id AS "viewerId"
       FROM conversations c JOIN users u ON u.id = c.user_id
       GROUP BY u.id HAVING count(*) > $1 ORDER BY hashint4(u.id) LIMIT $2`,
      [PAGE_SIZE, VARIATIONS],
    );
    return rows.map(({ viewer, viewerId }) => ({
      viewer,
      variables: () => ({ first: PAGE_SIZE }),
      async check(answer) {
        const { rows: unread } = await database.query<{ peerId: number; unread: number }>(
          `SELECT sender_id AS "peerId", count(*)::int AS unread FROM messages
           WHERE receiver_id = $1 AND NOT is_read GROUP BY sender_id`,
          [viewerId],
        );
        const unreadFrom = new Map(unread.map(({ peerId, unread }) => [peerId, unread]));
        const newest = await readMessages(
          database,
          `WHERE m.id IN (
             SELECT max(id) FROM messages WHERE $1 IN (sender_id, receiver_id)
             GROUP BY sender_id + receiver_id
           ) ORDER BY m.id DESC LIMIT $2`,
          [viewerId, PAGE_SIZE],
        );
        const edges = newest.map((row) => {
          const { receiver, ...lastMessage } = messageNode(row);
          const peer = row.senderId === viewerId ? receiver : lastMessage.sender;
          return {
            cursor: '',
            node: { peer, unreadCount: unreadFrom.get(Number(peer.id)) ?? 0, lastMessage },
          };
        });
        mustEqual(answer, { conversations: { edges, pageInfo: { hasNextPage: true, endCursor: '' } } });
      },
    }));
  },
};
