import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertMessages, markRead, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const CONVERSATION = `query ($with: ID!) {
  conversation(with: $with) {
    id unreadCount peer { id username } lastMessage { id messageText }
    messages { edges { node { id messageText } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  }
}`;

async function conversation(viewer: Person, peer: Person) {
  return (await viewer.client.data(CONVERSATION, { with: peer.id })).conversation;
}

/** Peers with last messages and unread counts, in the order of the list. */
async function listOf(viewer: Person): Promise<[peer: string, last: string, unread: number][]> {
  const { conversations } = await viewer.client.data(
    '{ conversations { edges { node { peer { username } lastMessage { messageText } unreadCount } } } }',
  );
  return conversations.edges.map(({ node }: { node: ListEntry }) => [
    node.peer.username,
    node.lastMessage.messageText,
    node.unreadCount,
  ]);
}

interface ListEntry {
  peer: { username: string };
  lastMessage: { messageText: string };
  unreadCount: number;
}

const totalUnread = async (viewer: Person): Promise<number> =>
  (await viewer.client.data('{ unreadCount }')).unreadCount;

test('the viewer is whose token it is, also as a user by name', async () => {
  const [alice] = await createPeople(server, 'alice');
  const { viewer, user, nobody } = await alice.client.data(
    `query ($name: String!) {
      viewer { id username createdAt } user(username: $name) { id username createdAt } nobody: user(username: "no such name") { id }
    }`,
    { name: alice.name },
  );
  expect(viewer).toMatchObject({ id: alice.id, username: alice.name });
  expect(user).toEqual(viewer);
  expect(nobody).toBeNull();
});

test('usernames are compared exactly', async () => {
  const [alice] = await createPeople(server, 'alice');
  for (const username of [alice.name.toUpperCase(), ` ${alice.name}`, alice.name.slice(0, -1), '%', ''])
    expect(
      await alice.client.data('query ($u: String!) { user(username: $u) { id } }', { u: username }),
    ).toEqual({
      user: null,
    });
});

describe('a conversation', () => {
  test('of people who never wrote is empty, and stands in no list', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    expect(await conversation(alice, bob)).toEqual({
      id: expect.any(String),
      unreadCount: 0,
      peer: { id: bob.id, username: bob.name },
      lastMessage: null,
      messages: {
        edges: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
    expect(await listOf(alice)).toEqual([]);
    expect(await totalUnread(alice)).toBe(0);
  });

  test('has the messages of both directions, newest first', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await send(alice, bob, '1');
    await send(bob, alice, '2');
    await send(carol, alice, 'not here');
    await send(carol, bob, 'nor here');
    await send(alice, bob, '3');
    for (const [viewer, peer] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const { messages, lastMessage } = await conversation(viewer, peer);
      const texts = messages.edges.map(({ node }: { node: { messageText: string } }) => node.messageText);
      expect(texts).toEqual(['3', '2', '1']);
      expect(lastMessage).toEqual(messages.edges[0].node);
    }
  });

  test('counts as unread what the viewer has received, not what they sent', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await send(alice, bob, 'x');
    await send(alice, bob, 'y');
    await send(carol, bob, 'z');
    expect((await conversation(bob, alice)).unreadCount).toBe(2);
    expect(await totalUnread(bob)).toBe(3);
    expect((await conversation(alice, bob)).unreadCount).toBe(0);
    expect(await totalUnread(alice)).toBe(0);
  });
});

describe('the conversation list', () => {
  test('has the latest message first, whoever sent it', async () => {
    const [alice, bob, carol, dave] = await createPeople(server, 'alice', 'bob', 'carol', 'dave');
    await send(alice, bob, 'to bob');
    await send(carol, alice, 'from carol');
    await send(alice, dave, 'to dave');
    expect(await listOf(alice)).toEqual([
      [dave.name, 'to dave', 0],
      [carol.name, 'from carol', 1],
      [bob.name, 'to bob', 0],
    ]);

    await send(bob, alice, 'from bob');
    await send(alice, carol, 'to carol');
    expect(await listOf(alice)).toEqual([
      [carol.name, 'to carol', 1],
      [bob.name, 'from bob', 1],
      [dave.name, 'to dave', 0],
    ]);
    expect(await listOf(bob)).toEqual([[alice.name, 'from bob', 1]]);
  });

  test('keeps its order when messages are read', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await send(bob, alice, 'older');
    await send(carol, alice, 'newer');
    await markRead(alice, bob);
    expect(await listOf(alice)).toEqual([
      [carol.name, 'newer', 1],
      [bob.name, 'older', 0],
    ]);
  });

  test('goes by the time of the messages, also of rows that another program inserts late', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await send(bob, alice, 'now');
    await insertMessages(server.pool, carol, alice, ['2001-01-01T00:00:00Z']);
    await insertMessages(server.pool, bob, alice, ['2001-01-01T00:00:01Z']);
    expect(await listOf(alice)).toEqual([
      [bob.name, 'now', 2],
      [carol.name, '0', 1],
    ]);
  });

  test('goes back to the message before when the last one is deleted, and forgets who has none left', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await insertMessages(server.pool, bob, alice, ['2001-01-01T00:00:00Z', '2003-01-01T00:00:00Z']);
    await insertMessages(server.pool, carol, alice, ['2002-01-01T00:00:00Z']);
    expect((await listOf(alice)).map(([peer]) => peer)).toEqual([bob.name, carol.name]);
    await server.pool.query("DELETE FROM messages WHERE sender_id = $1 AND message_text = '1'", [bob.row]);
    expect(await listOf(alice)).toEqual([
      [carol.name, '0', 1],
      [bob.name, '0', 1],
    ]);
    await server.pool.query('DELETE FROM messages WHERE sender_id = $1', [carol.row]);
    expect(await listOf(alice)).toEqual([[bob.name, '0', 1]]);
  });
});
