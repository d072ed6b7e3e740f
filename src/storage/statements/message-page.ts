import type { Timestamp } from '../../lib/rfc3339.ts';
import { type MessageNumber, messageId, type UserId } from '../../messaging/ids.ts';
import type { Message } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageText } from '../rows.ts';

/** The flags, in their order. */
const [IS_READ, IS_SENT] = [1, 2];

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
  bringsPeople: true,
  columns: `page.id::bigint, ${messageText('page')}, page.created_at`,
  // Who wrote it follows from the list that it stands in.
  flags: ['page.is_read', 'page.sender_id = wanted.viewer'],
  item(columns, at, flags, list) {
    const number = columns[at] as MessageNumber;
    const createdAt = columns[at + 2] as Timestamp;
    const [viewer, peer] = list as [UserId, UserId];
    const isSent = (flags & IS_SENT) !== 0;
    return {
      id: messageId({ createdAt, number }),
      senderId: isSent ? viewer : peer,
      receiverId: isSent ? peer : viewer,
      messageText: columns[at + 1] as string,
      createdAt,
      isRead: (flags & IS_READ) !== 0,
    };
  },
});
