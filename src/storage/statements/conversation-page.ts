import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageNumber } from '../../messaging/ids.ts';
import type { ListedConversation, WithPeople } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { conversationJoins, conversationStateColumns, conversationStateRow } from '../rows.ts';

/**
 * A viewer's conversations, each with its last message and both people. A user's rows are few, and sorted here: an index in
 * this order would make every send's update of the row a non-HOT one.
 */
export const readConversationPages = pageReader({
  name: 'conversation_page',
  selectors: ['viewer'],
  list: (keyCondition, order, limit) => `
    SELECT user_id, peer_id, last_created_at, last_id, unread_count FROM conversations
    WHERE user_id = wanted.viewer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit}`,
  key: ['last_created_at', 'last_id'],
  columns: `page.last_created_at, page.last_id, ${conversationStateColumns('page')}`,
  join: conversationJoins('page'),
  item: (columns, at): ListedConversation & WithPeople => ({
    ...conversationStateRow(columns, at + 2),
    last: { createdAt: columns[at] as Timestamp, number: columns[at + 1] as MessageNumber },
  }),
});
