import type { UserId } from '../../messaging/ids.ts';
import type { Message } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageFlags, messageInList, messageText } from '../rows.ts';

/**
 * The messages between viewer and peer: two ranges of idx_messages_conversation, one for each direction, each read from its
 * end no further than the page needs. An OR of the two, or a UNION ALL without limits of its own, reads and sorts the
 * whole conversation. Both people come with them, in rows of their own.
 */
export const readMessagePages = pageReader<Message>({
  name: 'message_page',
  selectors: ['viewer', 'peer'],
  list: (keyCondition, order, limit) => `
    (SELECT id, sender_id, receiver_id, message_text, full_text, created_at, is_read FROM messages
    WHERE sender_id = wanted.viewer AND receiver_id = wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})
    UNION ALL
    (SELECT id, sender_id, receiver_id, message_text, full_text, created_at, is_read FROM messages
    WHERE sender_id = wanted.peer AND receiver_id = wanted.viewer AND wanted.viewer <> wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})`,
  key: ['created_at', 'id'],
  columns: ['page.id::bigint', messageText('page'), 'page.created_at'],
  flags: messageFlags('page'),
  item(columns, at, flags, list) {
    const [viewer, peer] = list as [UserId, UserId];
    return messageInList(columns, at, flags, viewer, peer);
  },
});
