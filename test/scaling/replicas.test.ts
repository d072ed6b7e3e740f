import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { namesOf } from '../support/logged-server.ts';
import { markRead, send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { logStatements, StatementLog } from '../support/statement-log.ts';
import { follow } from '../support/subscriber.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

// Slow, not late: a cluster, its standby and two servers, and waiting for several of the servers' looks at the standby.
jest.setTimeout(90_000);

let primary: OwnCluster;
let replica: TestReplica;
let nodes: readonly [TestServer, TestServer];
let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];

beforeAll(async () => {
  primary = await startOwnCluster();
  replica = await startReplica(primary);
  nodes = [await startNode(), await startNode()];
  [alice, bob, carol, dave] = await createPeople(nodes[0], 'alice', 'bob', 'carol', 'dave');
  await send(carol, dave, 'long ago');
  // Of servers that are started from now on.
  await logStatements(primary.pool);
});
afterAll(async () => {
  for (const node of nodes ?? []) await node[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});
beforeEach(() => isUsed(true));

const startNode = (environment: Readonly<Record<string, string>> = {}) =>
  startTestServer({
    database: { databaseUrl: primary.url, pool: primary.pool },
    environment: { DATABASE_REPLICA_URLS: replica.url, ...environment },
  });

/** On how many nodes reads go to it. */
async function inUse(): Promise<number> {
  const counts = await Promise.all(nodes.map(({ url }) => metric(url, 'parley_replicas_in_use')));
  return counts.reduce((sum, count) => sum + count);
}

const isUsed = (used: boolean) =>
  eventually(async () => (await inUse()) === (used ? nodes.length : 0), { withinMs: 10_000 });

const readsFrom = (source: 'primary' | 'replica', { url } = nodes[0]) =>
  metric(url, `parley_reads_total{source="${source}"}`);

/** Where one read of this viewer comes from. */
async function sourceFor(viewer: Person): Promise<string> {
  const before = await readsFrom('replica');
  await onNode(viewer, nodes[0]).client.data('{ unreadCount }');
  return (await readsFrom('replica')) > before ? 'replica' : 'primary';
}

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

/** Reads without a pause, and keeps what was not answered well. */
function keepReading(viewers: readonly Person[]) {
  let going = true;
  let count = 0;
  let longestMs = 0;
  const failures: unknown[] = [];
  const done = Promise.all(
    viewers.map(async ({ client }) => {
      while (going) {
        const begun = performance.now();
        const { data, errors } = await client.ask(LIST);
        longestMs = Math.max(longestMs, performance.now() - begun);
        count++;
        if (data?.conversations?.edges[0]?.node.lastMessage == null) failures.push(errors ?? data);
      }
    }),
  );
  return {
    async goesOn(more: number) {
      const goal = count + more;
      await eventually(() => count >= goal, { withinMs: 20_000 });
    },
    async stop() {
      going = false;
      await done;
      return { failures, longestMs };
    },
  };
}

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
    expect(await sourceFor(carol)).toBe('replica');
    await send(alice, bob, 'news');
    expect(await sourceFor(alice)).toBe('primary');
    expect(await sourceFor(bob)).toBe('primary');
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

test('a viewer without news is read from the replica, and the primary only asked where their log ends', async () => {
  using log = new StatementLog();
  await replica.caughtUp();
  await using node = await startNode({ EVENT_BUS: 'memory' });
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
  const before = await readsFrom('replica');
  await carol.client.data('{ inboxCursor unreadCount conversations(first: 1) { edges { cursor } } }');
  await carol.client.data('{ inboxCursor }');
  expect(await readsFrom('replica')).toBe(before);
});

test('statements and connections that are ended on it cost no operation', async () => {
  const reading = keepReading([carol, dave, onNode(carol, nodes[1]), onNode(dave, nodes[1])]);
  const end = (how: 'cancel' | 'terminate') =>
    replica.pool.query(
      `SELECT count(pg_${how}_backend(pid))::int FROM pg_stat_activity WHERE application_name = 'parley' AND state = 'active'`,
    );
  for (const how of ['cancel', 'terminate'] as const) {
    // While something is running there; a hit shows in its being left.
    await eventually(
      async () => ((await end(how)).rows[0].count > 0 && (await inUse()) < nodes.length) || false,
      {
        withinMs: 20_000,
      },
    );
    await isUsed(true);
    await reading.goesOn(50);
  }
  expect((await reading.stop()).failures).toEqual([]);
});

test('kill -9 of it in mid-load costs no operation; once it is back it is used again', async () => {
  const reading = keepReading([carol, dave, onNode(carol, nodes[1]), onNode(dave, nodes[1])]);
  await reading.goesOn(50);
  await replica.kill();
  await isUsed(false);
  await reading.goesOn(50);
  expect(await sourceFor(carol)).toBe('primary');
  await replica.restart();
  await isUsed(true);
  await reading.goesOn(50);
  expect((await reading.stop()).failures).toEqual([]);
  await replica.caughtUp();
  expect(await sourceFor(carol)).toBe('replica');
});

test('several are read by turns; when one is killed the other takes its part', async () => {
  await using second = await startReplica(primary);
  await using node = await startNode({ DATABASE_REPLICA_URLS: `${second.url},${replica.url}` });
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

test('one whose host falls silent keeps nobody waiting for as long as a statement may take', async () => {
  await using network = await startTcpProxy(portOf(replica.url));
  await using node = await startNode({ DATABASE_REPLICA_URLS: network.reroute(replica.url) });
  const reading = keepReading([carol, dave, carol, dave].map((viewer) => onNode(viewer, node)));
  await reading.goesOn(50);
  network.drop();
  await eventually(() => network.lostBytes > 0);
  await reading.goesOn(50);
  expect(await metric(node.url, 'parley_replicas_in_use')).toBe(0);
  await network.heal();
  await eventually(async () => (await metric(node.url, 'parley_replicas_in_use')) === 1, {
    withinMs: 10_000,
  });
  await reading.goesOn(50);
  const { failures, longestMs } = await reading.stop();
  expect(failures).toEqual([]);
  expect(longestMs).toBeLessThan(8_000);
  expect(await readsFrom('replica', node)).toBeGreaterThan(50);
});

test('one whose replay is paused is left by those who have news, and by all once it is too far behind', async () => {
  await replica.caughtUp();
  await replica.pool.query('SELECT pg_wal_replay_pause()');
  await eventually(async () => {
    const { rows } = await replica.pool.query('SELECT pg_get_wal_replay_pause_state() AS state');
    return rows[0].state === 'paused';
  });
  const { id } = await send(alice, bob, 'while it is paused');
  expect((await alice.client.data('query ($id: ID!) { message(id: $id) { id } }', { id })).message).toEqual({
    id,
  });
  expect([await sourceFor(alice), await sourceFor(bob), await sourceFor(carol)]).toEqual([
    'primary',
    'primary',
    'replica',
  ]);
  await using impatient = await startNode({ DATABASE_REPLICA_MAX_LAG_MS: '1000' });
  await eventually(async () => (await metric(impatient.url, 'parley_replicas_in_use')) === 0, {
    withinMs: 10_000,
  });
  expect(
    await metric(impatient.url, `parley_replica_lag_seconds{replica="${new URL(replica.url).host}"}`),
  ).toBeGreaterThan(1);
  await replica.pool.query('SELECT pg_wal_replay_resume()');
  await eventually(async () => (await metric(impatient.url, 'parley_replicas_in_use')) === 1, {
    withinMs: 10_000,
  });
});

test('what its recovery cancels is answered by the primary', async () => {
  await replica.pool.query("ALTER SYSTEM SET max_standby_streaming_delay = '0'");
  await replica.pool.query('SELECT pg_reload_conf()');
  // Without the triggers, which would take most of the time.
  await primary.pool.query(`BEGIN; SET LOCAL session_replication_role = 'replica';
    INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
    SELECT ${carol.row}, ${dave.row}, 'old', '2001-01-01' FROM generate_series(1, 20000); COMMIT`);
  await replica.caughtUp();
  const authorization = `Bearer ${await tokenOf(alice.name, { admin: true })}`;
  const query =
    '{ messageReport(since: "2001-01-01T00:00:00Z", until: "2001-01-02T00:00:00Z", interval: DAY) { messages } }';
  const answers: Answer[] = [];
  let going = true;
  // There is always one that runs.
  const reporting = Array.from({ length: 2 }, async () => {
    while (going)
      answers.push((await (await alice.client.post({ query }, { authorization })).json()) as Answer);
  });
  await eventually(
    async () => {
      await primary.pool.query(
        "DELETE FROM messages WHERE id = (SELECT min(id) FROM messages WHERE message_text = 'old')",
      );
      await primary.pool.query('VACUUM messages');
      const { rows } = await replica.pool.query(
        'SELECT confl_snapshot FROM pg_stat_database_conflicts WHERE datname = current_database()',
      );
      return rows[0].confl_snapshot > 0;
    },
    { withinMs: 25_000 },
  ).finally(() => {
    going = false;
  });
  await Promise.all(reporting);
  for (const { data, errors } of answers)
    expect({ count: data?.messageReport[0].messages > 19_000, errors }).toEqual({ count: true });
});

test('one that has become a primary is left, and what is written to either is shown by its own servers alone', async () => {
  await using follower = await startReplica(primary);
  await replica.pool.query('SELECT pg_promote()');
  // The log gets the same number on both, for another message.
  const write = ({ pool }: Pick<OwnCluster, 'pool'>, text: string) =>
    pool.query('INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)', [
      carol.row,
      dave.row,
      text,
    ]);
  await write(replica, 'in the other world');
  await write(primary, 'in ours');
  await follower.caughtUp();
  await using onOther = await startTestServer({
    database: { databaseUrl: replica.url, pool: replica.pool },
    environment: { DATABASE_REPLICA_URLS: follower.url },
  });
  for (const [node, messageText] of [
    [nodes[0], 'in ours'],
    [nodes[1], 'in ours'],
    [onOther, 'in the other world'],
  ] as const)
    expect((await onNode(dave, node).client.data(LIST)).conversations.edges[0].node.lastMessage).toEqual({
      messageText,
    });
  await isUsed(false);
  expect(await metric(onOther.url, 'parley_replicas_in_use')).toBe(0);
  // By the end of the log alone it would have been taken.
  const { rows } = await follower.pool.query('SELECT seq FROM inbox_heads WHERE user_id = $1', [dave.row]);
  expect(
    (await replica.pool.query('SELECT seq FROM inbox_heads WHERE user_id = $1', [dave.row])).rows,
  ).toEqual(rows);
});
