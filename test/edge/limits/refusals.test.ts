import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { type Answer, TestClient } from '../../support/client.ts';
import { createUsers, startTestServer, type TestServer } from '../../support/server.ts';
import { follow } from '../../support/subscriber.ts';
import { overSocket } from '../../support/transports.ts';

let server: TestServer;
let alice: TestClient;
let socket: Client;
beforeAll(async () => {
  server = await startTestServer();
  await createUsers(server.pool, 'alice');
  alice = new TestClient(server.url, 'alice');
  socket = await alice.socket();
});
afterAll(async () => {
  await socket.dispose();
  await server[Symbol.asyncDispose]();
});

const repeat = (count: number, part: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nest = (levels: number) => `${'{ ... '.repeat(levels)}{ __typename }${' }'.repeat(levels)}`;
const A_PAGE = 'conversations(first: 100) { edges { node { peer { username } } } }';
const PAGES_IN_PAGES = A_PAGE.replace(
  'peer { username }',
  'messages(first: 100) { edges { node { messageText } } }',
);
const doubling = (i: number) =>
  `fragment F${i} on Query { a: unreadCount ...F${i + 1} ... on Query { ...F${i + 1} } }`;

const TOO_MUCH: readonly (readonly [what: string, query: string, says: RegExp])[] = [
  ['tokens', `{ ${repeat(2_000, () => '__typename')} }`, /2000 tokens/],
  ['braces', '{ viewer '.repeat(20_000), /2000 tokens/],
  ['numbers', `query ($a: [Int] = [${repeat(2_000, String)}]) { unreadCount }`, /2000 tokens/],
  ['levels', `{ ${'a { '.repeat(16)}b${' }'.repeat(16)} }`, /16 levels/],
  [
    'aliases',
    `{ ${repeat(17, (i) => `a${i}: unreadCount b${i}: inboxCursor c${i}: __typename`)} }`,
    /50 aliases/,
  ],
  ['aliases of one page', `{ ${repeat(21, (i) => `a${i}: ${A_PAGE}`)} }`, /20 times one field/],
  ['directives', `{ unreadCount ${repeat(51, () => '@include(if: true)')} }`, /50 directives/],
  ['repeats', `{ ${repeat(21, () => 'unreadCount')} }`, /20 times one field/],
  [
    'fragments that double each other',
    `{ ...F0 } ${repeat(20, doubling)} fragment F20 on Query { unreadCount }`,
    /50 aliases/,
  ],
  ['values', `{ ${repeat(19, (i) => `a${i}: ${PAGES_IN_PAGES}`)} }`, /at most 250000/],
];

describe.each(TOO_MUCH)('too many %s', (_, query, says) => {
  const refused = {
    errors: [{ message: expect.stringMatching(says), extensions: { code: 'QUERY_TOO_COMPLEX' } }],
  };

  test.each([
    ['application/graphql-response+json', 400],
    ['application/json', 200],
  ])('over HTTP, for who takes %s, are refused with %d', async (accept, status) => {
    const response = await alice.post({ query }, { accept });
    const answer = (await response.json()) as Answer;
    expect(answer).toMatchObject(refused);
    expect(answer).not.toHaveProperty('data');
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {})).toEqual(['code']);
    expect(response.status).toBe(status);
  });

  test('over Server-Sent Events are refused as one answer', async () => {
    const response = await alice.post({ query }, { accept: 'text/event-stream' });
    const text = await response.text();
    expect(text).toContain('QUERY_TOO_COMPLEX');
    expect(text).not.toContain('"data"');
  });

  test('on a socket are refused, and what else runs on it goes on', async () => {
    const answer = await overSocket(socket)({ query });
    expect(answer).toMatchObject(refused);
    expect(Object.keys(answer.errors?.[0]?.extensions ?? {})).toEqual(['code']);
    expect(await overSocket(socket)({ query: '{ viewer { username } }' })).toEqual({
      data: { viewer: { username: 'alice' } },
    });
  });
});

test('a subscription that asks for too much is refused on every transport', async () => {
  const texts = repeat(20, (i) => `m${i}: messages { ${repeat(20, () => 'messageText')} }`);
  const query = `subscription { inbox { cursor ... on MessagesRead { ${texts} } } }`;
  const { errors } = await alice.ask(query);
  expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
  expect((await overSocket(socket)({ query })).errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
});

test('a query nested in inline fragments without end is a clear refusal, not a fault', async () => {
  const { errors } = await alice.ask(nest(2_500));
  expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
});

test('what is refused does not count against a socket', async () => {
  for (let i = 0; i < 120; i++) await overSocket(socket)({ query: `{ ${repeat(21, () => 'unreadCount')} }` });
  await using recording = await follow(alice);
  await recording.until(() => true);
});
