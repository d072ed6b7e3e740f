import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SEND } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { INTERNALS, overHttp, overSocket } from '../support/transports.ts';

const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
  // What no client can bring about, and no code expects.
  await server.pool.query('ALTER TABLE messages RENAME COLUMN is_read TO is_seen');
  await server.pool.query('ALTER TABLE conversations RENAME COLUMN unread_count TO unseen_count');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const operations = () => [
  { query: SEND, variables: { input: { receiverId: bob.id, messageText: 'hi' } } },
  { query: SEND, variables: { input: { receiverId: bob.id, messageText: 'hi', idempotencyKey: 'k' } } },
  { query: '{ unreadCount }' },
  { query: '{ conversations { edges { cursor } } }' },
  { query: `{ conversation(with: "${bob.id}") { unreadCount } }` },
  { query: `{ conversation(with: "${bob.id}") { messages { edges { cursor } } } }` },
  { query: '{ inboxCursor unreadCount }' },
  { query: `mutation { markConversationRead(input: { with: "${bob.id}" }) { markedCount } }` },
];

describe('an unexpected fault', () => {
  test.each([
    ['application/json', () => overHttp(alice.client, 'application/json')],
    ['application/graphql-response+json', () => overHttp(alice.client, 'application/graphql-response+json')],
  ])('shows a request id and nothing more, as %s', async (_, transport) => {
    for (const operation of operations()) await expectNoDetail(await transport()(operation));
  });

  test('shows the same over a socket, which stays open', async () => {
    const socket = await alice.client.socket({ lazy: false });
    try {
      const ask = overSocket(socket);
      for (const operation of operations()) await expectNoDetail(await ask(operation));
      expect(await ask({ query: '{ viewer { id } }' })).toEqual({ data: { viewer: { id: alice.id } } });
    } finally {
      await socket.dispose();
    }
  });

  test('has an id of its own each time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => alice.client.ask('{ unreadCount }')));
    const ids = answers.map(({ errors }) => errors?.[0]?.extensions.requestId);
    expect(new Set(ids).size).toBe(3);
  });

  test('leaves answered what has no part in it', async () => {
    const { data, errors } = await alice.client.ask(`{ user(username: "${bob.name}") { id } viewer { id } }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({ user: { id: bob.id }, viewer: { id: alice.id } });
  });
});

async function expectNoDetail(answer: object) {
  const { data, errors } = answer as {
    data: unknown;
    errors: { message: string; extensions: { requestId: string } }[];
  };
  expect(data ?? null).toBeNull();
  expect(errors).toHaveLength(1);
  const [{ message, extensions }] = errors as [(typeof errors)[number]];
  expect(extensions).toEqual({ code: 'INTERNAL', requestId: expect.stringMatching(REQUEST_ID) });
  expect(message).toContain(extensions.requestId);
  expect(JSON.stringify(answer)).not.toMatch(INTERNALS);
  expect(message).not.toMatch(/is_read|is_seen|unread_count|unseen_count|column|table/);
}
