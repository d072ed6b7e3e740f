import { pageReader } from '../page-statement.ts';
import { messageColumns, messageRow } from '../rows.ts';

/**
 * The messages between viewer and peer: two ranges of idx_messages_conversation, one for each direction, each read from its
 * end no further than the page needs. An OR of the two, or a UNION ALL without limits of its own, reads and sorts the
 * whole conversation.
 */
export const readMessagePages = pageReader({
  name: 'message_page',
  selectors: ['viewer', 'peer'],
  list: (keyCondition, order, limit) => `
    (SELECT id, sender_id, receiver_id, message_text, full_text, created_at, is_read FROM messages
    WHERE sender_id = wanted.viewer AND receiver_id = wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})
    UNION ALL
    (SELECT id, sender_id, receiver_id, message_text, full_text, created_at, is_read FROM messages
    WHERE sender_id = wanted.peer AND receiver_id = wanted.viewer AND wanted.viewer <> wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})`,
  key: ['created_at', 'id'],
  columns: messageColumns('page'),
  item: messageRow,
});
