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

interface Node {
  readonly id: string;
  readonly messageText: string;
  readonly isRead: boolean;
}

/** Oldest first. */
async function messagesOf(viewer: Person, peer: Person): Promise<Node[]> {
  const { conversation } = await viewer.client.data(
    `query ($with: ID!) {
      conversation(with: $with) { messages(first: 100) { edges { node { id messageText isRead } } } }
    }`,
    { with: peer.id },
  );
  return conversation.messages.edges.map(({ node }: { node: Node }) => node).reverse();
}

const readTexts = (nodes: readonly Node[]) =>
  nodes.flatMap(({ isRead, messageText }) => (isRead ? messageText : []));

async function unread(viewer: Person, peer: Person) {
  const { conversation, unreadCount } = await viewer.client.data(
    'query ($with: ID!) { conversation(with: $with) { unreadCount } unreadCount }',
    { with: peer.id },
  );
  return { inConversation: conversation.unreadCount, altogether: unreadCount };
}

/** Three messages of one time, between one earlier and one later; oldest first. */
async function withEqualTimes(): Promise<[alice: Person, bob: Person, messages: Node[]]> {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const [first, same, last] = [
    '2020-01-01T00:00:00.000001Z',
    '2020-01-01T00:00:00.000002Z',
    '2020-01-01T00:00:00.000003Z',
  ];
  await insertMessages(server.pool, bob, alice, [first, same, same, same, last] as string[]);
  return [alice, bob, await messagesOf(alice, bob)];
}

describe('without upTo', () => {
  test('everything from the peer becomes read, and what was sent stays as it was', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(bob, alice, 'b1');
    await send(alice, bob, 'a1');
    const last = await send(bob, alice, 'b2');
    expect(await unread(alice, bob)).toEqual({ inConversation: 2, altogether: 2 });

    expect(await markRead(alice, bob)).toEqual({
      markedCount: 2,
      conversation: {
        id: expect.any(String),
        unreadCount: 0,
        peer: { username: bob.name },
        lastMessage: { id: last.id, isRead: true },
      },
    });
    expect(readTexts(await messagesOf(alice, bob))).toEqual(['b1', 'b2']);
    expect(readTexts(await messagesOf(bob, alice))).toEqual(['b1', 'b2']);
    expect(await unread(alice, bob)).toEqual({ inConversation: 0, altogether: 0 });
    expect(await unread(bob, alice)).toEqual({ inConversation: 1, altogether: 1 });
  });

  test('other conversations stay unread', async () => {
    const [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
    await send(bob, alice, 'b');
    await send(carol, alice, 'c');
    await send(bob, carol, 'not for alice');
    expect((await markRead(alice, bob)).markedCount).toBe(1);
    expect(await unread(alice, carol)).toEqual({ inConversation: 1, altogether: 1 });
    expect(await unread(carol, bob)).toEqual({ inConversation: 1, altogether: 1 });
  });

  test('doing it again marks nothing, and new messages are unread again', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(bob, alice, 'b1');
    expect((await markRead(alice, bob)).markedCount).toBe(1);
    expect((await markRead(alice, bob)).markedCount).toBe(0);
    await send(bob, alice, 'b2');
    expect(await unread(alice, bob)).toEqual({ inConversation: 1, altogether: 1 });
  });

  test('with someone who never wrote there is nothing to mark', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(alice, bob, 'a');
    expect(await markRead(alice, bob)).toMatchObject({ markedCount: 0, conversation: { unreadCount: 0 } });
    expect(await unread(bob, alice)).toEqual({ inConversation: 1, altogether: 1 });
  });

  test('of many at the same time, each message is counted by one', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await insertMessages(server.pool, bob, alice, Array(50).fill('2020-01-01T00:00:00Z'));
    const marks = await Promise.all(Array.from({ length: 8 }, () => markRead(alice, bob)));
    expect(marks.reduce((sum, { markedCount }) => sum + markedCount, 0)).toBe(50);
    expect(await unread(alice, bob)).toEqual({ inConversation: 0, altogether: 0 });
  });
});

describe('with upTo', () => {
  test('the message itself is marked, and nothing after it', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(bob, alice, '1');
    const { id } = await send(bob, alice, '2');
    await send(bob, alice, '3');
    expect(await markRead(alice, bob, id)).toMatchObject({
      markedCount: 2,
      conversation: { unreadCount: 1 },
    });
    expect(readTexts(await messagesOf(alice, bob))).toEqual(['1', '2']);
    expect((await markRead(alice, bob, id)).markedCount).toBe(0);
    expect((await markRead(alice, bob)).markedCount).toBe(1);
  });

  test.each([0, 1, 2, 3, 4])('among equal times the order of the list decides: message %i', async (index) => {
    const [alice, bob, messages] = await withEqualTimes();
    const { markedCount } = await markRead(alice, bob, messages[index]?.id);
    expect(markedCount).toBe(index + 1);
    const marked = (await messagesOf(alice, bob)).filter(({ isRead }) => isRead);
    expect(marked.map(({ id }) => id)).toEqual(messages.slice(0, index + 1).map(({ id }) => id));
  });

  test("one's own message can be the bound, and stays unread itself", async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    await send(bob, alice, 'b1');
    const { id } = await send(alice, bob, 'a1');
    await send(bob, alice, 'b2');
    expect((await markRead(alice, bob, id)).markedCount).toBe(1);
    expect(readTexts(await messagesOf(bob, alice))).toEqual(['b1']);
  });

  test('an older message than what is read already unmarks nothing', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const { id } = await send(bob, alice, '1');
    await send(bob, alice, '2');
    await markRead(alice, bob);
    expect((await markRead(alice, bob, id)).markedCount).toBe(0);
    expect(readTexts(await messagesOf(alice, bob))).toEqual(['1', '2']);
  });
});

test('marking answers with the conversation as it is afterwards, also when the same operation asks twice', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const { id } = await send(bob, alice, '1');
  await send(bob, alice, '2');
  const answer = await alice.client.data(
    `mutation ($with: ID!, $upTo: ID!) {
      one: markConversationRead(input: { with: $with, upTo: $upTo }) { markedCount conversation { unreadCount lastMessage { isRead } } }
      both: markConversationRead(input: { with: $with }) { markedCount conversation { unreadCount lastMessage { isRead } } }
    }`,
    { with: bob.id, upTo: id },
  );
  expect(answer).toEqual({
    one: { markedCount: 1, conversation: { unreadCount: 1, lastMessage: { isRead: false } } },
    both: { markedCount: 1, conversation: { unreadCount: 0, lastMessage: { isRead: true } } },
  });
});

test('what one operation sends is in what the same operation is then told of the conversation', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const answer = await alice.client.data(
    `mutation ($bob: ID!) {
      a: markConversationRead(input: { with: $bob }) { conversation { lastMessage { messageText } } }
      sendMessage(input: { receiverId: $bob, messageText: "hi" }) { message { id } }
      b: markConversationRead(input: { with: $bob }) { conversation { lastMessage { messageText } } }
    }`,
    { bob: bob.id },
  );
  expect(answer.a.conversation.lastMessage).toBeNull();
  expect(answer.b.conversation.lastMessage).toEqual({ messageText: 'hi' });
});
