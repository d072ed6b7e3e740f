import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageNumber, UserId } from '../../messaging/ids.ts';
import type { ListedConversation, WithPeople } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageFlags, messageInList, messageText, theMessage } from '../rows.ts';
import type { Columns } from '../statement.ts';

/**
 * A viewer's conversations, each with its last message and the peer. A user's rows are few, and sorted here: an index in
 * this order would make every send's update of the row a non-HOT one. The viewer comes once, in a row of their own.
 */
export const readConversationPages = pageReader<ListedConversation & WithPeople>({
  name: 'conversation_page',
  selectors: ['viewer'],
  list: (keyCondition, order, limit) => `
    SELECT peer_id, last_created_at, last_id, unread_count FROM conversations
    WHERE user_id = wanted.viewer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit}`,
  key: ['last_created_at', 'last_id'],
  columns: [
    'page.last_id',
    messageText('m'),
    'page.last_created_at',
    'page.peer_id',
    'page.unread_count',
    'peer.username',
    'peer.created_at',
  ],
  join: `
    LEFT JOIN ${theMessage('m', 'page.last_id', 'page.last_created_at')}
    LEFT JOIN users peer ON peer.id = page.peer_id`,
  flags: messageFlags('m'),
  item(columns, at, flags, list) {
    const [viewerId] = list as [UserId];
    const peerId = columns[at + 3] as UserId;
    return {
      viewerId,
      peerId,
      last: { createdAt: columns[at + 2] as Timestamp, number: columns[at] as MessageNumber },
      lastMessage: columns[at + 1] === null ? null : messageInList(columns, at, flags, viewerId, peerId),
      unreadCount: columns[at + 4] as number,
      people: personAt(columns, at + 5, peerId),
    };
  },
});

/** Nobody, when they are deleted at this moment. */
function personAt(columns: Columns, at: number, id: UserId) {
  const [username, createdAt] = [columns[at], columns[at + 1]] as [string | null, Timestamp];
  return username === null ? [] : [{ id, username, createdAt }];
}
