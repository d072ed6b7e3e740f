import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// Slow, not late: a cluster with two standbys, which are started again and again.
jest.setTimeout(90_000);

let primary: OwnCluster;
let replicas: readonly [TestReplica, TestReplica];
let nodes: readonly [TestServer, TestServer];
let people: readonly Person[];
beforeAll(async () => {
  primary = await startOwnCluster();
  replicas = [await startReplica(primary), await startReplica(primary)];
  const environment = { DATABASE_REPLICA_URLS: replicas.map(({ url }) => url).join() };
  const database = { databaseUrl: primary.url, pool: primary.pool };
  nodes = [
    await startTestServer({ database, environment }),
    await startTestServer({ database, environment }),
  ];
  people = await createPeople(nodes[0], 'ann', 'ben', 'cleo', 'dan', 'eve', 'fay');
});
afterAll(async () => {
  for (const opened of [...(nodes ?? []), ...(replicas ?? []), primary]) await opened[Symbol.asyncDispose]();
});

const NEWEST = `query ($id: ID!, $with: ID!) {
  message(id: $id) { messageText }
  conversation(with: $with) { messages(first: 1) { edges { node { messageText } } } }
}`;

/** Pairs of people write to each other without a pause, on one node, and look on the other whether both have it. */
function keepTalking() {
  let going = true;
  let count = 0;
  const wrong: unknown[] = [];
  const look = async (viewer: Person, peer: Person, id: string, text: string) => {
    const { data, errors } = await viewer.client.ask(NEWEST, { id, with: peer.id });
    const seen = [data?.message?.messageText, data?.conversation?.messages.edges[0]?.node.messageText];
    if (seen.some((each) => each !== text)) wrong.push({ text, seen, errors });
  };
  const talk = async (one: Person, other: Person) => {
    for (let i = 0; going; i++) {
      const [here, there] = i % 2 === 0 ? nodes : [nodes[1], nodes[0]];
      const { id } = await send(onNode(one, here), other, `${one.name} ${i}`);
      await look(onNode(one, there), other, id, `${one.name} ${i}`);
      await look(onNode(other, there), one, id, `${one.name} ${i}`);
      count++;
    }
  };
  const [ann, ben, cleo, dan, eve, fay] = people as [Person, Person, Person, Person, Person, Person];
  const done = Promise.all([talk(ann, ben), talk(cleo, dan), talk(eve, fay)]);
  done.catch(() => {}); // told by stop()
  return {
    async goesOn(more: number) {
      const goal = count + more;
      await Promise.race([eventually(() => count >= goal, { withinMs: 20_000 }), done]);
    },
    async stop() {
      going = false;
      await done;
      return wrong;
    },
  };
}

const readsFrom = async (source: string) => {
  const counts = nodes.map(({ url }) => metric(url, `parley_reads_total{source="${source}"}`));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count);
};

test('whatever becomes of two replicas, everybody sees what they wrote and got, on any node', async () => {
  const [one, two] = replicas;
  const talking = keepTalking();
  const faults: readonly (() => Promise<unknown>)[] = [
    () => one.kill(),
    () => two.pool.query('SELECT pg_wal_replay_pause()'),
    () => one.restart(),
    () => two.pool.query('SELECT pg_wal_replay_resume()'),
    () => one.delay('1s'),
    () => two.kill(),
    () => two.restart(),
    () => one.kill(),
    () => one.restart(),
    () => one.delay('0'),
  ];
  for (const fault of faults) {
    await talking.goesOn(30);
    await fault();
  }
  // The case means something: both have answered a good part.
  await eventually(async () => (await readsFrom('replica')) > 100, { withinMs: 20_000 });
  expect(await talking.stop()).toEqual([]);
  expect(await readsFrom('primary')).toBeGreaterThan(100);
});
