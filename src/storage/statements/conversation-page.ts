import type { Timestamp } from '../../lib/rfc3339.ts';
import type { MessageNumber, UserId } from '../../messaging/ids.ts';
import type { ListedConversation, User, WithPeople } from '../../messaging/model.ts';
import { pageReader } from '../page-statement.ts';
import { messageFlags, messageInList, messageText, NAMES, peopleInList, theMessage } from '../rows.ts';
import type { Columns } from '../statement.ts';

/** What an item is made of that all sources have; who is in it comes after that. */
const COLUMNS = [
  'page.last_id',
  messageText('m'),
  'page.last_created_at',
  'page.peer_id',
  'page.unread_count',
];
const PEER_ID = 3;
const PEOPLE = COLUMNS.length;

/**
 * A viewer's conversations, each with its last message and the peer. A user's rows are few, and sorted here: an index in
 * this order would make every send's update of the row a non-HOT one.
 */
const CONVERSATIONS = {
  name: 'conversation_page',
  selectors: ['viewer'],
  list: (keyCondition: string, order: string, limit: string) => `
    SELECT peer_id, last_created_at, last_id, unread_count FROM conversations
    WHERE user_id = wanted.viewer AND ${keyCondition} ORDER BY ${order} LIMIT ${limit}`,
  key: ['last_created_at', 'last_id'] as const,
  flags: messageFlags('m'),
};

/** The viewer comes once, in a row of their own. */
export const readConversationPages = pageReader<ListedConversation & WithPeople>({
  ...CONVERSATIONS,
  columns: [...COLUMNS, 'peer.username', 'peer.created_at'],
  join: `
    LEFT JOIN ${theMessage('m', 'page.last_id', 'page.last_created_at')}
    LEFT JOIN users peer ON peer.id = page.peer_id`,
  item: (columns, at, flags, list) =>
    conversationAt(columns, at, flags, list, personAt(columns, at + PEOPLE, columns[at + PEER_ID] as UserId)),
});

/** The last message of each has the names of both people. */
export const readConversationPagesWithNames = pageReader<ListedConversation & WithPeople>({
  ...CONVERSATIONS,
  columns: [...COLUMNS, ...NAMES.map((column) => `m.${column}`)],
  join: `
    LEFT JOIN ${theMessage('m', 'page.last_id', 'page.last_created_at', NAMES)}`,
  item: (columns, at, flags, list) =>
    conversationAt(columns, at, flags, list, namesAt(columns, at, flags, list).slice(1)),
  peopleOf: (columns, at, flags, list) => namesAt(columns, at, flags, list).slice(0, 1),
});

function conversationAt(
  columns: Columns,
  at: number,
  flags: number,
  list: readonly number[],
  people: readonly User[],
): ListedConversation & WithPeople {
  const [viewerId] = list as [UserId];
  const peerId = columns[at + PEER_ID] as UserId;
  return {
    viewerId,
    peerId,
    last: { createdAt: columns[at + 2] as Timestamp, number: columns[at] as MessageNumber },
    lastMessage: columns[at + 1] === null ? null : messageInList(columns, at, flags, viewerId, peerId),
    unreadCount: columns[at + 4] as number,
    people,
  };
}

/** Nobody, when they are deleted at this moment. */
function personAt(columns: Columns, at: number, id: UserId): readonly User[] {
  const [username, createdAt] = [columns[at], columns[at + 1]] as [string | null, Timestamp];
  return username === null ? [] : [{ id, username, createdAt }];
}

/** Viewer and peer; nobody, when the last message is deleted at this moment. */
function namesAt(columns: Columns, at: number, flags: number, list: readonly number[]): readonly User[] {
  return peopleInList(columns, at + PEOPLE, flags, list[0] as UserId, columns[at + PEER_ID] as UserId);
}
