import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { longestStopMs } from '../../src/edge/drain.ts';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { textsOf } from '../support/keep-sending.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, type Person } from '../support/people.ts';
import { unusedPort } from '../support/redis-server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';
import { type Device, followOverEventStreams, followOverSockets } from './device.ts';
import { inTurn, type Urls } from './next-node.ts';
import { Reader } from './reader.ts';
import { allGoOn, Sender } from './sender.ts';

/** The defaults. */
const SHUTDOWN = { delayMs: 0, timeoutMs: 10_000, spreadMs: 5_000 };
const DEVICES_A_RECEIVER = 3;

let database: TestDatabase;
const nodes: NodeProcess[] = [];
const clients = new Cleanup();
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await clients[Symbol.asyncDispose]();
  for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

type Environment = Readonly<Record<string, string>>;

async function startNodes(environment: Environment = {}) {
  for (let i = 0; i < 2; i++) {
    // Which no other connection can take while its node is away.
    const PORT = String(await unusedPort());
    nodes.push(await startNodeProcess(database.url, { PORT, ...environment }));
  }
  const urls = nodes.map(({ url }) => url) as unknown as Urls;
  return { urls, place: { url: urls[0], pool: database.pool } };
}

/** Each receiver's devices, on both nodes in turn. */
async function devicesOf({ name, client }: Person, urls: Urls) {
  const start = await cursorOf(client);
  const devices: Device[] = [];
  for (let i = 0; i < DEVICES_A_RECEIVER; i++)
    devices.push(
      clients.use(await followOverSockets(name, urls, i, start)),
      clients.use(followOverEventStreams(name, urls, i, start)),
    );
  return { start, devices };
}

/** Stops one node and starts it again in its place. @returns how long stopping took, in milliseconds. */
async function restart(index: number, environment: Environment = {}): Promise<number> {
  const node = nodes[index] as NodeProcess;
  const asked = performance.now();
  node.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  const took = performance.now() - asked;
  nodes[index] = await startNodeProcess(database.url, {
    PORT: new URL(node.url).port,
    ...environment,
  });
  return took;
}

test('two nodes that are restarted one after the other, twice around, under load, lose nothing', async () => {
  const { urls, place } = await startNodes();
  const receivers = await createPeople(place, 'ann', 'ben');
  const inboxes = await Promise.all(receivers.map((receiver) => devicesOf(receiver, urls)));
  const writers = await createPeople(place, 'eve', 'fay', 'gus', 'hal');
  const senders = writers.map(({ name }, i) =>
    clients.use(new Sender(name, inTurn(urls), receivers[i % receivers.length]?.id as string)),
  );
  await allGoOn(senders, 10);

  for (const index of [0, 1, 0, 1]) {
    expect(await restart(index)).toBeLessThan(longestStopMs(SHUTDOWN));
    await allGoOn(senders, 10);
  }
  for (const sender of senders) await sender.stop();

  for (const [i, { start, devices }] of inboxes.entries()) {
    const receiver = receivers[i] as Person;
    const own = senders.filter(({ receiverId }) => receiverId === receiver.id);
    const sent = own.flatMap((each) => each.sent);
    // What the log says when all is over: everything once, and of each sender in the order of sending.
    await using afterwards = await follow(receiver.client, { after: start });
    const log = textsOf(await afterwards.reaches(sent.length, 20_000));
    expect([...log].sort()).toEqual([...sent].sort());
    for (const sender of own)
      expect(log.filter((text) => text?.startsWith(`${sender.name} `))).toEqual(sender.sent);

    for (const device of devices) {
      await eventually(() => device.events.length >= log.length, { withinMs: 20_000 });
      expect(textsOf(device.events)).toEqual(log);
      expect(device.errors).toEqual([]);
    }
    // The case means something: each had to go elsewhere, twice at least.
    for (const { connections } of devices) expect(connections).toBeGreaterThan(2);
  }
}, 180_000);

const PROBE_INTERVAL_MS = 50;
/** Many times as long as a balancer that probes so often takes to notice. */
const BALANCED = { SHUTDOWN_DELAY_MS: '3000' };

/** Sends each request to a node that was ready when it was last asked, in turn. */
function startBalancer(urls: Urls) {
  let going = true;
  const ready = new Set<string>(urls);

  async function probe(url: string) {
    while (going) {
      const { ok } = await fetch(new URL('/health/ready', url)).catch(() => ({ ok: false }));
      if (ok) ready.add(url);
      else ready.delete(url);
      await delay(PROBE_INTERVAL_MS);
    }
  }

  const done = Promise.all(urls.map(probe));
  return {
    pick: (turn: number) => inTurn([...ready])(turn),
    ready: (url: string) => ready.has(url),
    async [Symbol.asyncDispose]() {
      going = false;
      await done;
    },
  };
}

test('behind a load balancer that heeds /health/ready a rolling restart fails not a single request', async () => {
  const { urls, place } = await startNodes(BALANCED);
  const balancer = clients.use(startBalancer(urls));
  const [ann, eve] = await createPeople(place, 'ann', 'eve');
  const sender = clients.use(new Sender(eve.name, balancer.pick, ann.id));
  const reader = clients.use(new Reader(ann.name, balancer.pick, '{ viewer { username } unreadCount }'));

  for (const [index, url] of urls.entries()) {
    await sender.goesOn(10);
    await restart(index, BALANCED);
    await eventually(() => balancer.ready(url));
  }
  await sender.goesOn(10);
  await sender.stop();
  await reader[Symbol.asyncDispose]();
  expect({ sender: sender.failures, reader: reader.failures }).toEqual({ sender: [], reader: [] });
  expect(reader.answers).toBeGreaterThan(30);
}, 120_000);
