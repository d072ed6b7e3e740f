import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageNumber } from '../../messaging/ids.ts';
import type { ListedConversation } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { conversationStateColumns, conversationStateRow, isMessage } from '../rows.ts';

/** $6's conversations, each with its last message. A user's rows are few, and sorted here: an index in this order
 * would make every send's update of the row a non-HOT one. */
export const readConversationPage = pageReader({
  name: 'conversation_page',
  list: (keyCondition, order, limit) => `
    SELECT user_id, peer_id, last_created_at, last_id, unread_count FROM conversations
    WHERE user_id = $6 AND ${keyCondition} ORDER BY ${order} LIMIT ${limit}`,
  key: ['last_created_at', 'last_id'],
  columns: `page.last_created_at, page.last_id, ${conversationStateColumns('page')}`,
  join: `LEFT JOIN messages m ON ${isMessage('m', 'page.last_id', 'page.last_created_at')}`,
  item: ([createdAt, number, ...state]): ListedConversation => ({
    ...conversationStateRow(state),
    last: { createdAt: createdAt as Timestamp, number: number as MessageNumber },
  }),
});
