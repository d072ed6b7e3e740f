import type { MessagePlace } from '../contestants/naming.ts';
import { MESSAGE_PAGE, MESSAGE_PAGE_PATH, messagePageCase } from './message-page.ts';
import { type Pair, RFC3339, shuffled } from './rows.ts';
import { VARIATIONS, type Workload } from './workload.ts';

/** Messages before page 40. */
const BEFORE = 39 * 50;

/** Page 40 of the long conversation, by cursor; each variation begins one message further. */
export const DEEP_PAGE: Workload = {
  key: 'page-40',
  name: 'page 40 of a long conversation',
  contestants: ['parley', 'node-http-pg', 'mercurius'],
  connections: [16, 1],
  writes: false,
  path: MESSAGE_PAGE_PATH,
  document: MESSAGE_PAGE,
  async cases(database) {
    const { rows } = await database.query<Pair & MessagePlace>(
      `WITH latest AS (SELECT id, external_id FROM users ORDER BY id DESC LIMIT 2),
       pair AS (
         SELECT a.external_id AS viewer, a.id AS "viewerId", b.id AS "peerId"
         FROM latest a JOIN latest b ON a.id <> b.id
       ), place AS (
         SELECT m.id, ${RFC3339('created_at')} AS "createdAt" FROM messages m
         WHERE sender_id IN (SELECT id FROM latest) AND receiver_id IN (SELECT id FROM latest)
         ORDER BY m.created_at DESC, m.id DESC LIMIT $1 OFFSET $2
       )
       SELECT * FROM pair CROSS JOIN place ORDER BY ${shuffled('"viewerId"', 'id')}`,
      [VARIATIONS / 2, BEFORE - 1],
    );
    return rows.map(({ id, createdAt, ...pair }) => messagePageCase(database, pair, { id, createdAt }));
  },
};
