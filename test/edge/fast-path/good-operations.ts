import { MARK_READ, SEND } from '../../support/messages.ts';
import type { Names } from './world.ts';

export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

const PERSON = '{ __typename id username createdAt }';
const MESSAGE = `{ __typename id messageText createdAt isRead sender ${PERSON} receiver ${PERSON} }`;
const PAGE_INFO = 'pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }';
const MESSAGES = `{ __typename edges { __typename cursor node ${MESSAGE} } ${PAGE_INFO} }`;
const CONVERSATION = `{ __typename id unreadCount peer ${PERSON} lastMessage ${MESSAGE} }`;

const pages = (args: string) =>
  `query ($with: ID!, $cursor: String!) {
    conversation(with: $with) { messages(${args}) ${MESSAGES} }
    other: conversation(with: $with) { messages(first: 1, after: $cursor) { edges { cursor } } }
  }`;

/** What is answered without errors, for alice: every field of the schema, and every way to select it. */
export const GOOD: readonly (readonly [name: string, operation: (names: Names) => Operation])[] = [
  ['the viewer', () => ({ query: `{ viewer ${PERSON} }` })],
  [
    'a user by name',
    ({ bobName: u }) => ({ query: `query ($u: String!) { user(username: $u) ${PERSON} }`, variables: { u } }),
  ],
  ['a user whom there is not', () => ({ query: `{ user(username: "nobody at all") ${PERSON} }` })],
  [
    'a message',
    ({ message: id }) => ({ query: `query ($id: ID!) { message(id: $id) ${MESSAGE} }`, variables: { id } }),
  ],
  [
    'a message of others',
    ({ foreignMessage: id }) => ({
      query: `query ($id: ID!) { message(id: $id) ${MESSAGE} }`,
      variables: { id },
    }),
  ],
  ...(['bob', 'message', 'conversation', 'foreignMessage'] as const).map(
    (name) =>
      [
        `node: ${name}`,
        (names: Names) => ({
          query: `query ($id: ID!) { node(id: $id) {
            __typename id ... on User ${PERSON} ... on Message ${MESSAGE} ... on Conversation ${CONVERSATION} } }`,
          variables: { id: names[name] },
        }),
      ] as const,
  ),
  [
    'nodes of every type, twice, and one that is not',
    ({ bob, message, conversation, foreignMessage }) => ({
      query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id ...U ...M ... on Conversation { peer { id } } } }
      fragment U on User { username } fragment M on Message { messageText sender { ...U } }`,
      variables: { ids: [bob, message, conversation, foreignMessage, message, bob] },
    }),
  ],
  ['nodes, none', () => ({ query: '{ nodes(ids: []) { id } }' })],
  [
    'the newest messages',
    ({ bob, cursor }) => ({ query: pages('first: 7'), variables: { with: bob, cursor } }),
  ],
  [
    'a page after a cursor',
    ({ bob, cursor }) => ({ query: pages('first: 7, after: $cursor'), variables: { with: bob, cursor } }),
  ],
  [
    'the oldest messages',
    ({ bob, cursor }) => ({ query: pages('last: 7'), variables: { with: bob, cursor } }),
  ],
  [
    'a page before a cursor',
    ({ bob, cursor }) => ({ query: pages('last: 3, before: $cursor'), variables: { with: bob, cursor } }),
  ],
  [
    'a page without end',
    ({ bob, cursor }) => ({ query: pages('first: 100'), variables: { with: bob, cursor } }),
  ],
  [
    'a conversation without messages',
    ({ dave }) => ({
      query: `query ($with: ID!) { conversation(with: $with) { ...C messages ${MESSAGES} } } fragment C on Conversation ${CONVERSATION}`,
      variables: { with: dave },
    }),
  ],
  [
    'conversations',
    () => ({ query: `{ conversations { edges { cursor node ${CONVERSATION} } ${PAGE_INFO} } }` }),
  ],
  [
    'conversations, with a page of each',
    () => ({
      query: `{ conversations(first: 2) { edges { node { id messages(first: 3) ${MESSAGES} } } } }`,
    }),
  ],
  ['how much is unread', () => ({ query: '{ unreadCount }' })],
  ['the cursor alone', () => ({ query: '{ inboxCursor }' })],
  [
    'the cursor beside data',
    () => ({ query: `{ inboxCursor conversations { edges { node ${CONVERSATION} } } unreadCount }` }),
  ],
  ['no data at all', () => ({ query: '{ __typename }' })],
  ['the schema', () => ({ query: '{ __schema { queryType { name fields { name } } } viewer { id } }' })],
  ['a type', () => ({ query: '{ __type(name: "User") { name fields { name type { name kind } } } }' })],
  [
    'aliases, and what is selected twice',
    () => ({
      query: `{ a: viewer { id b: id } viewer { username } viewer { id username } ... { viewer { createdAt } }
      ... on Query { c: unreadCount } }`,
    }),
  ],
  [
    'a key that objects have themselves',
    () => ({ query: '{ __proto__: viewer { id } constructor: unreadCount toString: __typename }' }),
  ],
  [
    'fragments in fragments',
    () => ({
      query: `{ ...A ...A } fragment A on Query { viewer { ...B } ...C } fragment B on Node { id ... on User { username } }
      fragment C on Query { viewer { createdAt ...B } }`,
    }),
  ],
  ...[true, false].map(
    (yes) =>
      [
        `@include and @skip: ${yes}`,
        () => ({
          query: `query ($yes: Boolean!) { viewer @include(if: $yes) { id username @skip(if: $yes) }
            unreadCount @skip(if: $yes) ... on Query @include(if: $yes) { x: __typename } ...F @skip(if: $yes) z: __typename }
            fragment F on Query { y: viewer { id } }`,
          variables: { yes },
        }),
      ] as const,
  ),
  [
    '@skip of a value in the document',
    () => ({ query: '{ viewer { id username @skip(if: true) } unreadCount @include(if: true) }' }),
  ],
  ['nothing, as all is skipped', () => ({ query: '{ viewer @skip(if: true) { id } }' })],
  [
    'one of two operations',
    () => ({ query: 'query A { viewer { id } } query B { unreadCount }', operationName: 'B' }),
  ],
  [
    'the other of two operations',
    () => ({ query: 'query A { viewer { id } } query B { unreadCount }', operationName: 'A' }),
  ],
  [
    'defaults of variables',
    ({ bob }) => ({
      query: `query ($with: ID!, $n: Int = 2) { conversation(with: $with) { messages(first: $n) { edges { node { id } } } } }`,
      variables: { with: bob },
    }),
  ],
  [
    'a variable that is null',
    ({ bob }) => ({
      query: `query ($with: ID!, $n: Int) { conversation(with: $with) { messages(first: $n) { edges { node { id } } } } }`,
      variables: { with: bob, n: null },
    }),
  ],
  [
    'a number as an id, and a variable too many',
    () => ({
      query: 'query ($u: String = "nobody") { user(username: $u) { id } }',
      variables: { more: 1 },
    }),
  ],
  [
    'sending again',
    ({ bob }) => ({
      query: SEND,
      variables: {
        input: { receiverId: bob, messageText: 'once \u{1F44B} "quoted" \\ \u2028', idempotencyKey: 'k-1' },
      },
    }),
  ],
  ['marking what is read', ({ bob }) => ({ query: MARK_READ, variables: { input: { with: bob } } })],
];
