import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { INBOX } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

/** Between two pings of a socket; a client that has not answered by the next one is gone. */
const PING_INTERVAL_MS = 12_000;
const FAST_PING_INTERVAL_MS = 300;

let server: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  for (const timer of ['setInterval', 'setTimeout'] as const) {
    const original = globalThis[timer] as (act: () => void, ms: number) => NodeJS.Timeout;
    jest
      .spyOn(globalThis, timer)
      .mockImplementation(((act: () => void, ms: number) =>
        original(act, ms === PING_INTERVAL_MS ? FAST_PING_INTERVAL_MS : ms)) as never);
  }
  server = await startTestServer();
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  jest.restoreAllMocks();
});

const subscriptions = () => metric(server.url, 'parley_subscriptions');

async function becomes(count: number, withinMs?: number): Promise<void> {
  await eventually(
    async () => expect(await subscriptions()).toBe(count),
    withinMs === undefined ? {} : { withinMs },
  );
}

afterEach(async () => {
  await becomes(0);
});

test.each(['sockets', 'Server-Sent Events'] as const)(
  'whoever leaves over %s is followed no more',
  async (over) => {
    const recordings = await Promise.all([1, 2, 3].map(() => follow(bob.client, { over })));
    await becomes(3);
    await recordings[0]?.[Symbol.asyncDispose]();
    await becomes(2);
    for (const recording of recordings) await recording[Symbol.asyncDispose]();
  },
);

test.each(['sockets', 'Server-Sent Events'] as const)(
  'a connection that breaks over %s frees what it had',
  async (over) => {
    const recordings = await Promise.all([1, 2, 3].map(() => follow(bob.client, { over })));
    await becomes(3);
    for (const recording of recordings) recording.drop();
  },
);

test('one subscription that completes frees its place, and its socket stays', async () => {
  const device = await bob.client.socket();
  const variables = { after: await cursorOf(bob.client) };
  const [one, other] = [
    device.iterate({ query: INBOX, variables }),
    device.iterate({ query: INBOX, variables }),
  ];
  const [first, second] = [one.next(), other.next()];
  await becomes(2);
  await one.return?.();
  await becomes(1);
  await send(alice, bob, 'hello');
  expect((await second).value).toMatchObject({ data: { inbox: { message: { messageText: 'hello' } } } });
  expect(await metric(server.url, 'parley_sockets')).toBe(1);
  await device.dispose();
  await first.catch(() => {});
});

test('who completes at once, before the subscription has begun, leaves nothing behind', async () => {
  const device = await bob.client.socket();
  for (let i = 0; i < 20; i++) device.subscribe({ query: INBOX }, { next() {}, error() {}, complete() {} })();
  expect(await device.iterate({ query: '{ __typename }' }).next()).toMatchObject({ value: { data: {} } });
  await becomes(0);
  await device.dispose();
});

test('a refused subscription leaves nothing behind', async () => {
  for (const over of ['sockets', 'Server-Sent Events'] as const) {
    await using recording = await follow(bob.client, { over, after: 'nonsense' });
    await recording.end();
  }
});

test('a client that vanishes without closing is noticed by its silence', async () => {
  const recording = await follow(bob.client);
  await becomes(1);
  recording.freeze();
  await becomes(0);
  recording.drop();
});

/** Asks for events and then reads nothing. */
async function muteListener(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ query: INBOX, variables: { after: await cursorOf(bob.client) } });
  const { authorization } = await bob.client.headers();
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.pause();
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${authorization}\r\nAccept: text/event-stream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

test('a stream whose reader stands still holds few events back, and frees its place when that connection breaks', async () => {
  const socket = await muteListener();
  await becomes(1);
  const before = await metric(server.url, 'parley_inbox_events_total');
  const messages = 3_000;
  await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, repeat('x', 10000) FROM generate_series(1, $3::int)`,
    [alice.row, bob.row, messages],
  );
  let [given, earlier] = [0, -1];
  await eventually(
    async () => {
      [earlier, given] = [given, (await metric(server.url, 'parley_inbox_events_total')) - before];
      await new Promise((resolve) => setTimeout(resolve, 200));
      return given > 0 && given === earlier;
    },
    { withinMs: 20_000 },
  );
  // What the system's own buffers take, some megabytes.
  expect(given).toBeLessThan(messages / 2);
  socket.destroy();
});
