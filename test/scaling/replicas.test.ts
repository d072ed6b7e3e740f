import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { namesOf } from '../support/logged-server.ts';
import { markRead, send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import type { OwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';
import { ReplicatedNodes } from '../support/replicated-nodes.ts';
import type { TestServer } from '../support/server.ts';
import { logStatements, StatementLog } from '../support/statement-log.ts';
import { follow } from '../support/subscriber.ts';

// Slow, not late: a cluster, its standby and two servers, and waiting for several of the servers' looks at the standby.
jest.setTimeout(90_000);

let system: ReplicatedNodes;
let primary: OwnCluster;
let replica: TestReplica;
let nodes: ReplicatedNodes['nodes'];
let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];
beforeAll(async () => {
  system = await ReplicatedNodes.start();
  ({ primary, replica, nodes } = system);
  [alice, bob, carol, dave] = await createPeople(nodes[0], 'alice', 'bob', 'carol', 'dave');
  await send(carol, dave, 'long ago');
  // Of servers that are started from now on.
  await logStatements(primary.pool);
});
afterAll(() => system[Symbol.asyncDispose]());
beforeEach(() => system.isUsed(true));

const LIST =
  '{ unreadCount conversations(first: 1) { edges { node { unreadCount lastMessage { messageText } } } } }';

const VIEW = `query ($id: ID!, $with: ID!) {
  message(id: $id) { messageText isRead }
  unreadCount
  conversation(with: $with) { unreadCount lastMessage { id } messages(first: 1) { edges { node { id messageText isRead } } } }
  conversations(first: 1) { edges { node { peer { id } unreadCount lastMessage { id messageText isRead } } } }
}`;

/** What a viewer must see of the newest message of a conversation, wherever they look. */
const newest = (id: string, messageText: string, isRead: boolean, peer: Person, unreadCount: number) => ({
  message: { messageText, isRead },
  unreadCount,
  conversation: {
    unreadCount,
    lastMessage: { id },
    messages: { edges: [{ node: { id, messageText, isRead } }] },
  },
  conversations: {
    edges: [{ node: { peer: { id: peer.id }, unreadCount, lastMessage: { id, messageText, isRead } } }],
  },
});

const view = (viewer: Person, node: TestServer, id: string, peer: Person) =>
  onNode(viewer, node).client.data(VIEW, { id, with: peer.id });

test('a viewer without news is read from the replica, and the primary only asked where their log ends', async () => {
  using log = new StatementLog();
  await replica.caughtUp();
  await using node = await system.startNode({ EVENT_BUS: 'memory' });
  const { client } = onNode(carol, node);
  // Whose `sub` it is has to be looked up once.
  await client.data(LIST);
  const statements = await log.during(() => client.data(LIST));
  const on = (url: string) => namesOf(statements.filter(({ port }) => port === portOf(url))).sort();
  expect({ primary: on(primary.url), replica: on(replica.url) }).toEqual({
    primary: ['log_ends'],
    replica: ['conversation_page_desc', 'log_ends', 'unread_count'],
  });
});

test('the place in the stream, and what is asked for beside it, is not read from it', async () => {
  const before = await system.readsFrom('replica');
  await carol.client.data('{ inboxCursor unreadCount conversations(first: 1) { edges { cursor } } }');
  await carol.client.data('{ inboxCursor }');
  expect(await system.readsFrom('replica')).toBe(before);
});

describe('a replica that is 10 s behind', () => {
  beforeAll(async () => {
    await replica.caughtUp();
    await replica.delay('10s');
  });
  afterAll(async () => {
    await replica.delay('0');
  });

  test('hides nothing from who sent it or got it, whichever node they ask', async () => {
    const [here, there] = nodes;
    await markRead(bob, alice);
    for (let i = 1; i <= 25; i++) {
      const { id } = await send(onNode(alice, here), bob, `text ${i}`);
      for (const node of [there, here]) {
        expect(await view(alice, node, id, bob)).toEqual(newest(id, `text ${i}`, false, bob, 0));
        expect(await view(bob, node, id, alice)).toEqual(newest(id, `text ${i}`, false, alice, i));
      }
    }
    // The case means something: it has none of them.
    const { rows } = await replica.pool.query(
      "SELECT count(*)::int FROM messages WHERE message_text LIKE 'text %'",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  test('hides nothing that was read, changed or deleted, by other programs too', async () => {
    const [here, there] = nodes;
    const kept = await send(alice, bob, 'kept');
    const { id } = await send(alice, bob, 'first');
    await markRead(onNode(bob, here), alice);
    expect(await view(alice, there, id, bob)).toEqual(newest(id, 'first', true, bob, 0));
    expect(await view(bob, there, id, alice)).toEqual(newest(id, 'first', true, alice, 0));
    await primary.pool.query("UPDATE messages SET message_text = 'second' WHERE message_text = 'first'");
    expect(await view(alice, there, id, bob)).toEqual(newest(id, 'second', true, bob, 0));
    await primary.pool.query("DELETE FROM messages WHERE message_text = 'second'");
    expect((await view(bob, there, id, alice)).message).toBeNull();
    expect(await view(bob, there, kept.id, alice)).toEqual(newest(kept.id, 'kept', true, alice, 0));
  });

  test('has every message that an event has told of', async () => {
    const [here, there] = nodes;
    await markRead(bob, alice);
    await using events = await follow(onNode(bob, there).client);
    for (let i = 1; i <= 25; i++) {
      const { id } = await send(onNode(alice, here), bob, `event ${i}`);
      const [event] = (await events.reaches(i)).slice(-1);
      expect(event).toMatchObject({ __typename: 'MessageSent', message: { id, messageText: `event ${i}` } });
      for (const node of nodes)
        expect(await view(bob, node, id, alice)).toEqual(newest(id, `event ${i}`, false, alice, i));
    }
  });

  test('goes on serving those who have no news, and whoever is new to it is asked for in the primary', async () => {
    expect(await system.sourceFor(carol)).toBe('replica');
    await send(alice, bob, 'news');
    expect(await system.sourceFor(alice)).toBe('primary');
    expect(await system.sourceFor(bob)).toBe('primary');
    const [erin] = await createPeople(nodes[0], 'erin');
    const query =
      'query ($with: ID!) { conversation(with: $with) { unreadCount peer { username } lastMessage { id } messages { edges { cursor } } } }';
    expect(await carol.client.data(query, { with: erin.id })).toEqual({
      conversation: {
        unreadCount: 0,
        peer: { username: erin.name },
        lastMessage: null,
        messages: { edges: [] },
      },
    });
    expect(await erin.client.data('{ conversations { edges { cursor } } viewer { username } }')).toEqual({
      conversations: { edges: [] },
      viewer: { username: erin.name },
    });
  });
});

test('several are read by turns; when one is killed the other takes its part', async () => {
  await using second = await startReplica(primary);
  await using node = await system.startNode({ DATABASE_REPLICA_URLS: `${second.url},${replica.url}` });
  const { client } = onNode(carol, node);
  using log = new StatementLog();
  /** How many of ten reads each answers. */
  const shares = async () => {
    const statements = await log.during(async () => {
      for (let i = 0; i < 10; i++) await client.data('{ unreadCount }');
    });
    const reads = statements.filter(({ name }) => name === 'unread_count');
    return [second, replica].map(({ url }) => reads.filter(({ port }) => port === portOf(url)).length);
  };
  expect(await shares()).toEqual([5, 5]);
  await second.kill();
  await eventually(async () => (await metric(node.url, 'parley_replicas_in_use')) === 1);
  expect(await shares()).toEqual([0, 10]);
});
