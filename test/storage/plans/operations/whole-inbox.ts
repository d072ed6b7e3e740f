import { INBOX } from '../../../support/client.ts';
import { LARGE } from '../fill.ts';
import { CONVERSATION, type Operation } from '../operation.ts';

/** Alice's conversations: with each peer and with bob. */
const CONVERSATIONS = LARGE.peers + 1;
/** A user's conversations are sorted when they are read. */
const A_LIST = CONVERSATIONS + 100;
/** They are looked at once more beyond either end that a cursor gives the page. */
const BETWEEN_CURSORS = A_LIST + 2 * CONVERSATIONS;
const A_FEW = 10;
const EVENTS = 150;

const conversations = (page: string) => `conversations(${page}) {
  edges { cursor node ${CONVERSATION} } pageInfo { hasNextPage hasPreviousPage }
}`;

/** What is about all conversations of the viewer, or of everybody. */
export const WHOLE_INBOX: readonly Operation[] = [
  { what: 'conversations, the latest', query: `{ ${conversations('first: 20')} }`, rows: A_LIST },
  { what: 'conversations, the earliest', query: `{ ${conversations('last: 20')} }`, rows: A_LIST },
  {
    what: 'conversations, between two cursors',
    query: `query ($after: String, $before: String) { ${conversations('first: 20, after: $after, before: $before')} }`,
    variables: (at) => ({ after: at.conversationCursor(90), before: at.conversationCursor(10) }),
    rows: BETWEEN_CURSORS,
  },
  { what: 'unreadCount', query: '{ unreadCount }', rows: CONVERSATIONS + A_FEW },
  { what: 'inboxCursor', query: '{ inboxCursor }', rows: A_FEW },
  {
    what: 'inboxCursor with all that a client begins with',
    query: `{ inboxCursor unreadCount viewer { username } ${conversations('first: 20')} }`,
    rows: A_LIST + CONVERSATIONS + A_FEW,
  },
  {
    what: 'inbox, from 150 events before the end of 69,000',
    query: INBOX,
    variables: (at) => ({ after: at.inboxCursor(EVENTS) }),
    events: EVENTS,
    // The event, its message, and the two people of that; what the tests have marked read before is of several messages.
    rows: 5 * EVENTS,
    indexes: ['inbox_events_pkey'],
  },
  {
    what: 'messageReport of six hours',
    admin: true,
    query: `{ messageReport(since: "2026-01-05T00:00:00Z", until: "2026-01-05T06:00:00Z", interval: HOUR) {
      since messages readShare activeSenders
    } }`,
    // Of each kind of messages one a minute.
    rows: 4 * 360 + A_FEW,
    indexes: ['idx_messages_created'],
  },
];
