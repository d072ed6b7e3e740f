import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { markRead, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Another node on the same database. */
let other: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  other = await startTestServer({ database: server });
});

afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const NODE = `query ($id: ID!) {
  node(id: $id) {
    __typename id
    ... on User { username }
    ... on Message { messageText sender { username } }
    ... on Conversation { peer { username } unreadCount lastMessage { messageText } }
  }
}`;

const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

const node = async (viewer: Person, id: string) => (await viewer.client.data(NODE, { id })).node;
const nodes = async (viewer: Person, ids: readonly string[]) =>
  (await viewer.client.data(NODES, { ids })).nodes;

async function conversationId(viewer: Person, peer: Person): Promise<string> {
  const query = 'query ($with: ID!) { conversation(with: $with) { id } }';
  return (await viewer.client.data(query, { with: peer.id })).conversation.id;
}

/** An id with the last digit of its number raised: well-formed, and nobody's. */
function unknownLike(id: string): string {
  const text = Buffer.from(id, 'base64url').toString();
  const unknown = text.replace(/\d+$/, '2000000001');
  expect(unknown).not.toBe(text);
  return Buffer.from(unknown).toString('base64url');
}

test('each kind of object is found again by its id', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const message = await send(bob, alice, 'hi');
  expect(await node(alice, bob.id)).toEqual({ __typename: 'User', id: bob.id, username: bob.name });
  expect(await node(alice, message.id)).toEqual({
    __typename: 'Message',
    id: message.id,
    messageText: 'hi',
    sender: { username: bob.name },
  });
  const id = await conversationId(alice, bob);
  expect(await node(alice, id)).toEqual({
    __typename: 'Conversation',
    id,
    peer: { username: bob.name },
    unreadCount: 1,
    lastMessage: { messageText: 'hi' },
  });
});

test('a conversation without messages is an object too', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const id = await conversationId(alice, bob);
  expect(await node(alice, id)).toMatchObject({ id, unreadCount: 0, lastMessage: null });
});

describe('for a stranger', () => {
  test('a message and a conversation are what does not exist', async () => {
    const [alice, bob, mallory] = await createPeople(server, 'alice', 'bob', 'mallory');
    const { id } = await send(alice, bob, 'secret');
    const conversation = await conversationId(alice, bob);
    expect(await node(alice, id)).not.toBeNull();
    expect(await node(alice, conversation)).not.toBeNull();

    const [foreign, unknown] = await Promise.all(
      [
        [id, conversation],
        [unknownLike(id), unknownLike(conversation)],
      ].map((ids) =>
        mallory.client.ask(
          'query ($m: ID!, $c: ID!) { message(id: $m) { id } m: node(id: $m) { id } c: node(id: $c) { id } }',
          {
            m: ids[0],
            c: ids[1],
          },
        ),
      ),
    );
    expect(foreign).toEqual({ data: { message: null, m: null, c: null } });
    expect(unknown).toEqual(foreign);
  });

  test("the peer's side of one's own conversation is not one's own", async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(alice, bob, 'hi');
    const [mine, theirs] = [await conversationId(alice, bob), await conversationId(bob, alice)];
    expect(mine).not.toBe(theirs);
    expect(await node(alice, theirs)).toBeNull();
  });

  test('a mutation is refused for what is not theirs exactly as for what does not exist', async () => {
    const [alice, bob, mallory] = await createPeople(server, 'alice', 'bob', 'mallory');
    const { id } = await send(alice, bob, 'secret');
    const mark = (upTo: string) =>
      mallory.client.ask(
        'mutation ($i: MarkConversationReadInput!) { markConversationRead(input: $i) { markedCount } }',
        { i: { with: alice.id, upTo } },
      );
    const foreign = await mark(id);
    expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await mark(unknownLike(id))).toEqual(foreign);
  });
});

describe('nodes', () => {
  test('keeps the order asked for, with null for what does not exist, and repeats what is asked for twice', async () => {
    const [alice, bob, mallory] = await createPeople(server, 'alice', 'bob', 'mallory');
    const mine = await send(bob, alice, 'mine');
    const foreign = await send(bob, mallory, 'foreign');
    const conversation = await conversationId(alice, bob);
    const ids = [
      conversation,
      foreign.id,
      mine.id,
      bob.id,
      unknownLike(mine.id),
      conversation,
      mine.id,
      unknownLike(bob.id),
    ];
    expect(await nodes(alice, ids)).toEqual([
      { __typename: 'Conversation', id: conversation },
      null,
      { __typename: 'Message', id: mine.id },
      { __typename: 'User', id: bob.id },
      null,
      { __typename: 'Conversation', id: conversation },
      { __typename: 'Message', id: mine.id },
      null,
    ]);
  });

  test('of no ids is no objects', async () => {
    const [alice] = await createPeople(server, 'alice');
    expect(await nodes(alice, [])).toEqual([]);
  });

  test('names its own argument when one of the ids is none', async () => {
    const [alice] = await createPeople(server, 'alice');
    const { errors } = await alice.client.ask(NODES, { ids: [alice.id, 'nonsense'] });
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'ids' });
    expect(errors?.[0]?.message).toContain('ids');
  });
});

test('ids stay the same between requests and nodes, and after what they stand for has changed', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const { id } = await send(bob, alice, 'hi');
  const conversation = await conversationId(alice, bob);
  await markRead(alice, bob);
  await send(bob, alice, 'more');
  await server.pool.query("UPDATE messages SET message_text = 'edited' WHERE sender_id = $1 AND is_read", [
    bob.row,
  ]);
  await server.pool.query('UPDATE users SET username = $2 WHERE id = $1', [bob.row, `${bob.name}-renamed`]);

  for (const url of [server.url, other.url]) {
    const client = new TestClient(url, alice.name);
    const elsewhere = { ...alice, client };
    expect(await node(elsewhere, id)).toMatchObject({ id, messageText: 'edited' });
    expect(await node(elsewhere, conversation)).toMatchObject({ id: conversation, unreadCount: 1 });
    expect(await node(elsewhere, bob.id)).toMatchObject({ id: bob.id, username: `${bob.name}-renamed` });
    expect(await conversationId(elsewhere, bob)).toBe(conversation);
  }
});

test('ids are unlike each other across kinds and rows', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const sent = await Promise.all(Array.from({ length: 20 }, (_, i) => send(alice, bob, `${i}`)));
  const ids = [
    alice.id,
    bob.id,
    await conversationId(alice, bob),
    await conversationId(bob, alice),
    ...sent.map(({ id }) => id),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test('a message is gone by its id when its row is', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const { id } = await send(alice, bob, 'hi');
  await server.pool.query('DELETE FROM messages WHERE sender_id = $1', [alice.row]);
  expect(await node(alice, id)).toBeNull();
  expect(await node(bob, id)).toBeNull();
});
