import type { UserId } from '../../messaging/ids.ts';
import type { Message } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageFlags, messageInList, messageText, NAMES, ofMessages, peopleInList } from '../rows.ts';
import type { Columns } from '../statement.ts';

/**
 * The messages between viewer and peer: two ranges of idx_messages_conversation, one for each direction, each read from its
 * end no further than the page needs. An OR of the two, or a UNION ALL without limits of its own, reads and sorts the
 * whole conversation. @param further columns that an item brings
 */
function messagesBetween(further: readonly string[] = []) {
  return {
    name: 'message_page',
    selectors: ['viewer', 'peer'],
    list: (keyCondition: string, order: string, limit: string) => `
    (SELECT ${ofMessages(further)} FROM messages
    WHERE sender_id = wanted.viewer AND receiver_id = wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})
    UNION ALL
    (SELECT ${ofMessages(further)} FROM messages
    WHERE sender_id = wanted.peer AND receiver_id = wanted.viewer AND wanted.viewer <> wanted.peer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit})`,
    key: ['created_at', 'id'] as const,
    columns: [
      'page.id::bigint',
      messageText('page'),
      'page.created_at',
      ...further.map((column) => `page.${column}`),
    ],
    flags: messageFlags('page'),
    item(columns: Columns, at: number, flags: number, list: readonly number[]): Message {
      const [viewer, peer] = list as [UserId, UserId];
      return messageInList(columns, at, flags, viewer, peer);
    },
  };
}

/** Both people come with them, in rows of their own. */
export const readMessagePages = pageReader<Message>(messagesBetween());

/** Each message has the names of both people. */
export const readMessagePagesWithNames = pageReader<Message>({
  ...messagesBetween(NAMES),
  peopleOf(columns, at, flags, list) {
    const [viewer, peer] = list as [UserId, UserId];
    return peopleInList(columns, at + 3, flags, viewer, peer);
  },
});
