import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import type { OwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';
import { ReplicatedNodes } from '../support/replicated-nodes.ts';
import { startTestServer, tokenOf } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

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
});
afterAll(() => system[Symbol.asyncDispose]());
beforeEach(() => system.isUsed(true));

const LIST =
  '{ unreadCount conversations(first: 1) { edges { node { unreadCount lastMessage { messageText } } } } }';

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

test('statements and connections that are ended on it cost no operation', async () => {
  const reading = keepReading([carol, dave, onNode(carol, nodes[1]), onNode(dave, nodes[1])]);
  const end = (how: 'cancel' | 'terminate') =>
    replica.pool.query(
      `SELECT count(pg_${how}_backend(pid))::int FROM pg_stat_activity WHERE application_name = 'parley' AND state = 'active'`,
    );
  for (const how of ['cancel', 'terminate'] as const) {
    // While something is running there; a hit shows in its being left.
    await eventually(
      async () => ((await end(how)).rows[0].count > 0 && (await system.inUse()) < nodes.length) || false,
      {
        withinMs: 20_000,
      },
    );
    await system.isUsed(true);
    await reading.goesOn(50);
  }
  expect((await reading.stop()).failures).toEqual([]);
});

test('kill -9 of it in mid-load costs no operation; once it is back it is used again', async () => {
  const reading = keepReading([carol, dave, onNode(carol, nodes[1]), onNode(dave, nodes[1])]);
  await reading.goesOn(50);
  await replica.kill();
  await system.isUsed(false);
  await reading.goesOn(50);
  expect(await system.sourceFor(carol)).toBe('primary');
  await replica.restart();
  await system.isUsed(true);
  await reading.goesOn(50);
  expect((await reading.stop()).failures).toEqual([]);
  await replica.caughtUp();
  expect(await system.sourceFor(carol)).toBe('replica');
});

test('one whose host falls silent keeps nobody waiting for as long as a statement may take', async () => {
  await using network = await startTcpProxy(portOf(replica.url));
  await using node = await system.startNode({ DATABASE_REPLICA_URLS: network.reroute(replica.url) });
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
  expect(await system.readsFrom('replica', node)).toBeGreaterThan(50);
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
  expect([await system.sourceFor(alice), await system.sourceFor(bob), await system.sourceFor(carol)]).toEqual(
    ['primary', 'primary', 'replica'],
  );
  await using impatient = await system.startNode({ DATABASE_REPLICA_MAX_LAG_MS: '1000' });
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
    SELECT ${carol.row}, ${dave.row}, 'old', '2001-01-01' FROM generate_series(1, 100000); COMMIT`);
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
    expect({ count: data?.messageReport[0].messages > 90_000, errors }).toEqual({ count: true });
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
  await system.isUsed(false);
  expect(await metric(onOther.url, 'parley_replicas_in_use')).toBe(0);
  // By the end of the log alone it would have been taken.
  const { rows } = await follower.pool.query('SELECT seq FROM inbox_heads WHERE user_id = $1', [dave.row]);
  expect(
    (await replica.pool.query('SELECT seq FROM inbox_heads WHERE user_id = $1', [dave.row])).rows,
  ).toEqual(rows);
});
