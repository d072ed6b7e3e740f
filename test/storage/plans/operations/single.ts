import { LARGE, PERSON } from '../fill.ts';
import { conversationId, messageGlobalId, userId } from '../landmarks.ts';
import { CONVERSATION, MESSAGE, type Operation } from '../operation.ts';

const A_FEW = 10;

const NODE = `query ($id: ID!) {
  node(id: $id) { ... on User { username } ... on Message ${MESSAGE} ... on Conversation ${CONVERSATION} }
}`;
const NODES = NODE.replace('$id: ID!', '$ids: [ID!]!').replace('node(id: $id)', 'nodes(ids: $ids)');
const MESSAGE_BY_ID = `query ($id: ID!) { message(id: $id) ${MESSAGE} }`;
const CONVERSATION_WITH = `query ($with: ID!) { conversation(with: $with) ${CONVERSATION} }`;

/** What is about one object, or so many. */
export const SINGLE: readonly Operation[] = [
  {
    what: 'anything, with a token that is seen for the first time',
    as: 'newcomer',
    query: '{ viewer { id } }',
    rows: A_FEW,
    indexes: ['users_external_id_key'],
  },
  { what: 'viewer', query: '{ viewer { id username createdAt } }', rows: A_FEW },
  { what: 'user', query: '{ user(username: "u77") { id } }', rows: A_FEW, indexes: ['users_username_key'] },
  { what: 'user, of a name that nobody has', query: '{ user(username: "nobody") { id } }', rows: A_FEW },
  { what: 'node of a user', query: NODE, variables: () => ({ id: userId(77) }), rows: A_FEW },
  {
    what: 'node of a message',
    query: NODE,
    variables: (at) => ({ id: messageGlobalId(at.message('long', 50)) }),
    rows: A_FEW,
  },
  {
    what: 'node of a conversation',
    query: NODE,
    variables: () => ({ id: conversationId(PERSON.alice, PERSON.bob) }),
    rows: A_FEW,
  },
  {
    what: 'nodes, 30 of each type',
    query: NODES,
    variables: (at) => ({
      ids: Array.from({ length: 30 }, (_, i) => [
        userId(LARGE.users - i),
        messageGlobalId(at.message('long', 3 * i)),
        conversationId(PERSON.alice, PERSON.firstPeer + i),
      ]).flat(),
    }),
    rows: 90 * 4,
  },
  {
    what: 'message',
    query: MESSAGE_BY_ID,
    variables: (at) => ({ id: messageGlobalId(at.message('long', 50)) }),
    rows: A_FEW,
  },
  {
    what: 'message, of other people',
    query: MESSAGE_BY_ID,
    variables: (at) => ({ id: messageGlobalId(at.message('oneSided', 50)) }),
    rows: A_FEW,
  },
  {
    what: 'conversation, of 60,000 messages',
    query: CONVERSATION_WITH,
    variables: () => ({ with: userId(PERSON.bob) }),
    rows: A_FEW,
  },
  {
    what: 'conversation, without messages',
    query: CONVERSATION_WITH,
    variables: () => ({ with: userId(PERSON.erin) }),
    rows: A_FEW,
  },
];
