import type { Pool } from 'pg';
import type { MessagePlace } from '../contestants/naming.ts';
import { mustEqual } from './canonical.ts';
import { messageNode, type Pair, readMessages } from './rows.ts';
import type { Case } from './workload.ts';

const PAGE_SIZE = 50;

export const MESSAGE_PAGE_PATH = '/conversation';

export const MESSAGE_PAGE = `query ($with: ID!, $first: Int!, $after: String) {
  conversation(with: $with) {
    messages(first: $first, after: $after) {
      edges {
        cursor
        node { id messageText createdAt isRead sender { id username } receiver { id username } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** The 50 messages after that place, newest first; the newest without one. */
export function messagePageCase(database: Pool, pair: Pair, after?: MessagePlace): Case {
  const { viewer, viewerId, peerId } = pair;
  return {
    viewer,
    variables: (naming) => ({
      with: naming.user(peerId),
      first: PAGE_SIZE,
      ...(after === undefined ? {} : { after: naming.cursor(viewerId, peerId, after) }),
    }),
    async check(answer) {
      const rows = await readMessages(
        database,
        `WHERE ((s.id = $1 AND r.id = $2) OR (s.id = $2 AND r.id = $1))
           AND ($3::timestamptz IS NULL OR (m.created_at, m.id) < ($3, $4))
         ORDER BY m.created_at DESC, m.id DESC LIMIT $5`,
        [viewerId, peerId, after?.createdAt ?? null, after?.id ?? null, PAGE_SIZE + 1],
      );
      const edges = rows.slice(0, PAGE_SIZE).map((row) => ({ cursor: '', node: messageNode(row) }));
      const pageInfo = { hasNextPage: rows.length > PAGE_SIZE, endCursor: '' };
      mustEqual(answer, { conversation: { messages: { edges, pageInfo } } });
    },
  };
}
