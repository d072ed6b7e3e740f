import { SEND } from '../../support/messages.ts';
import type { Operation } from './good-operations.ts';
import type { Names } from './world.ts';

/** What is answered with errors, alone or beside data. */
export const BAD: readonly (readonly [name: string, operation: (names: Names) => Operation])[] = [
  ['no id', () => ({ query: '{ message(id: "nonsense") { id } }' })],
  [
    'an id of another type',
    ({ bob: id }) => ({ query: 'query ($id: ID!) { message(id: $id) { id } }', variables: { id } }),
  ],
  [
    'no such user',
    () => ({
      query: 'query ($with: ID!) { conversation(with: $with) { id messages { edges { cursor } } } }',
      variables: { with: Buffer.from('User:2000000000').toString('base64url') },
    }),
  ],
  [
    'no such user, of whom only others are shown',
    ({ bob }) => ({
      query: `query ($with: ID!, $bob: ID!) {
        conversation(with: $with) { unreadCount peer { username } lastMessage { id } }
        other: conversation(with: $bob) { unreadCount peer { username } }
      }`,
      variables: { with: Buffer.from('User:2000000000').toString('base64url'), bob },
    }),
  ],
  [
    'an error beside data',
    ({ message: id }) => ({
      query:
        'query ($id: ID!) { a: message(id: $id) { id } b: message(id: "nonsense") { id } c: message(id: "x") { id } }',
      variables: { id },
    }),
  ],
  [
    'an error that takes the rest with it',
    () => ({ query: '{ viewer { id } conversation(with: "nonsense") { id } }' }),
  ],
  [
    'errors in a list',
    ({ bob }) => ({
      query: `query ($with: ID!) { conversation(with: $with) { peer { id } messages(first: 0) { edges { cursor } } } }`,
      variables: { with: bob },
    }),
  ],
  [
    'first and last',
    ({ bob }) => ({
      query: `query ($with: ID!) { conversation(with: $with) { messages(first: 1, last: 1) { edges { cursor } } } }`,
      variables: { with: bob },
    }),
  ],
  [
    'a cursor of another list',
    ({ cursor: after }) => ({
      query: 'query ($after: String) { conversations(after: $after) { edges { cursor } } }',
      variables: { after },
    }),
  ],
  ['a variable that is missing', () => ({ query: 'query ($id: ID!) { message(id: $id) { id } }' })],
  [
    'a variable of a wrong type',
    () => ({ query: 'query ($id: ID!) { message(id: $id) { id } }', variables: { id: {} } }),
  ],
  [
    'several wrong variables',
    () => ({
      query:
        'query ($a: Int!, $b: Boolean!) { conversations(first: $a) { edges { cursor @include(if: $b) } } }',
      variables: { a: 'x', b: 3 },
    }),
  ],
  ['an operation that is not there', () => ({ query: 'query A { unreadCount }', operationName: 'B' })],
  ['two operations, none named', () => ({ query: 'query A { unreadCount } query B { unreadCount }' })],
  ['a field that is not there', () => ({ query: '{ viewer { age } }' })],
  ['no document', () => ({ query: '{ viewer {' })],
  ['an empty document', () => ({ query: '' })],
  [
    'too deep',
    () => ({
      query: `{ ${'conversations { edges { node { messages { edges { node { sender { id '.repeat(3)} ${'}'.repeat(24)} }`,
    }),
  ],
  [
    'too much',
    () => ({
      query: `{ conversations(first: 100) { edges { node { messages(first: 100) { edges { node {
        sender { id username createdAt } receiver { id username createdAt } id messageText createdAt isRead } } } } } } }`,
    }),
  ],
  [
    'a report, for who is no admin',
    () => ({
      query:
        '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", interval: DAY) { messages } }',
    }),
  ],
  [
    'no time',
    () => ({
      query:
        '{ messageReport(since: "yesterday", until: "2026-02-01T00:00:00Z", interval: DAY) { messages } }',
    }),
  ],
  [
    'a blank message',
    ({ bob }) => ({ query: SEND, variables: { input: { receiverId: bob, messageText: ' ' } } }),
  ],
  [
    'a message to oneself',
    ({ alice }) => ({ query: SEND, variables: { input: { receiverId: alice, messageText: 'hi' } } }),
  ],
  [
    'a used key',
    ({ bob }) => ({
      query: SEND,
      variables: { input: { receiverId: bob, messageText: 'something else', idempotencyKey: 'k-1' } },
    }),
  ],
  [
    'two mutations, one of them wrong',
    ({ bob }) => ({
      query: `mutation ($with: ID!) { a: markConversationRead(input: { with: $with }) { markedCount }
      b: markConversationRead(input: { with: "x" }) { markedCount } }`,
      variables: { with: bob },
    }),
  ],
];
