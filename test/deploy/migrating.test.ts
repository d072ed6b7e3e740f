import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { applyMigrations } from '../../src/storage/migrations/apply.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { textsOf } from '../support/keep-sending.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { withOneMore } from '../support/one-more-migration.ts';
import { createPeople } from '../support/people.ts';
import { cursorOf } from '../support/subscriber.ts';
import { followOverEventStreams, followOverSockets } from './device.ts';
import { inTurn, type Urls } from './next-node.ts';
import { Reader } from './reader.ts';
import { allGoOn, Sender } from './sender.ts';

const NAME = '29990101000000_mood';
/** Adds to what is there, and takes its time: whoever reads or writes messages meanwhile waits for a second. */
const SCRIPT = `
  ALTER TABLE messages ADD COLUMN mood TEXT;
  CREATE INDEX idx_messages_mood ON messages (receiver_id, mood);
  SELECT pg_sleep(1);`;

const PAGES = `{
  inboxCursor unreadCount
  conversations(first: 5) { edges { node {
    unreadCount lastMessage { messageText }
    messages(first: 20) { edges { node { id messageText isRead sender { username } receiver { username } } } }
  } } }
}`;

let database: TestDatabase;
let nodes: NodeProcess[] = [];
const clients = new Cleanup();
beforeAll(async () => {
  database = await createTestDatabase();
  nodes = [await startNodeProcess(database.url), await startNodeProcess(database.url)];
});
afterEach(() => clients[Symbol.asyncDispose]());
afterAll(async () => {
  for (const node of nodes) await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Asks each node again and again whether it is ready, and keeps the answers that say no. */
function watchReadiness(urls: readonly string[]) {
  let going = true;
  const refusals: string[] = [];
  const done = Promise.all(
    urls.map(async (url) => {
      while (going) {
        const response = await fetch(new URL('/health/ready', url));
        if (response.status !== 200) refusals.push(await response.text());
        else await response.arrayBuffer();
      }
    }),
  );
  done.catch(() => {});
  return {
    refusals,
    async [Symbol.asyncDispose]() {
      going = false;
      await done;
    },
  };
}

test('a later release adds to the tables while two nodes serve: nothing fails, nothing is lost, both stay ready', async () => {
  const urls = nodes.map(({ url }) => url) as unknown as Urls;
  const place = { url: urls[0], pool: database.pool };
  const [ann, eve, fay] = await createPeople(place, 'ann', 'eve', 'fay');
  const start = await cursorOf(ann.client);
  const devices = [
    await followOverSockets(ann.name, urls, 0, start),
    await followOverSockets(ann.name, urls, 1, start),
    followOverEventStreams(ann.name, urls, 0, start),
    followOverEventStreams(ann.name, urls, 1, start),
  ].map((device) => clients.use(device));
  const senders = [eve, fay].map(({ name }) => clients.use(new Sender(name, inTurn(urls), ann.id)));
  const readers = [ann, eve, fay].map(({ name }) => clients.use(new Reader(name, inTurn(urls), PAGES)));
  const readiness = clients.use(watchReadiness(urls));
  await allGoOn(senders, 20);

  await withOneMore(NAME, SCRIPT, async (directory) => {
    expect(await applyMigrations(database.url, directory)).toEqual({ applied: [NAME] });
  });
  await allGoOn(senders, 20);

  await readiness[Symbol.asyncDispose]();
  expect(readiness.refusals).toEqual([]);
  for (const reader of readers) {
    await reader[Symbol.asyncDispose]();
    expect(reader.failures).toEqual([]);
    expect(reader.answers).toBeGreaterThan(20);
  }
  for (const sender of senders) {
    await sender.stop();
    expect(sender.failures).toEqual([]);
  }
  const sent = senders.flatMap((each) => each.sent).sort();
  for (const device of devices) {
    await eventually(() => device.events.length >= sent.length, { withinMs: 20_000 });
    expect(textsOf(device.events).sort()).toEqual(sent);
    expect(device).toMatchObject({ errors: [], connections: 1 });
  }
  for (const { log } of nodes) expect(log.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
}, 120_000);

test('an old node says once that the database is newer, and can be started again on it', async () => {
  const [node] = nodes as [NodeProcess];
  await eventually(async () => (await fetch(new URL('/health/ready', node.url))).status === 200);
  const warnings = ({ log }: NodeProcess) => log.filter((line) => line.includes(NAME));
  await eventually(() => warnings(node).length === 1);
  node.kill('SIGTERM');
  expect(await node.exited).toMatchObject({ code: 0 });
  expect(warnings(node)).toHaveLength(1);

  nodes[0] = await startNodeProcess(database.url);
  expect(warnings(nodes[0])).toHaveLength(1);
  expect((await fetch(new URL('/health/ready', nodes[0].url))).status).toBe(200);
});
