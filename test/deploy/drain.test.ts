import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { SEND } from '../support/messages.ts';
import { metric } from '../support/metric.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createUsers } from '../support/server.ts';
import { cursorOf } from '../support/subscriber.ts';

const TEXT_LENGTH = 10_000;
/** More than twice what the network holds of them for one connection. */
const MESSAGES = 1_500;

let database: TestDatabase;
let node: NodeProcess;
let rows: number[];
beforeAll(async () => {
  database = await createTestDatabase();
  rows = await createUsers(database.pool, 'ann', 'ben');
});
afterEach(async () => {
  await node[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const as = (name: string) => new TestClient(node.url, name);

async function startNode(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  node = await startNodeProcess(database.url, environment);
}

/** Asks it to stop. @returns how long it took, in milliseconds; it has to end with 0. */
async function stop(): Promise<number> {
  const asked = performance.now();
  node.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  return performance.now() - asked;
}

const portIsClosed = async () => {
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
};

/** Messages from ann to ben, as another program writes them. */
async function insertMessages(): Promise<void> {
  await database.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT $1, $2, i || repeat('x', $4::int) FROM generate_series(1, $3::int) i`,
    [...rows, MESSAGES, TEXT_LENGTH],
  );
}

/** One socket that has said who it is. */
async function openSocket(authorization: string | undefined): Promise<WebSocket> {
  const socket = new WebSocket(node.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await once(socket, 'message');
  return socket;
}

/** An event stream of ben's inbox from that cursor on, as it comes. */
function openEventStream(after: string): Promise<Response> {
  const query =
    'subscription ($after: String) { inbox(after: $after) { cursor ... on MessageSent { message { messageText } } } }';
  return as('ben').post({ query, variables: { after } }, { accept: 'text/event-stream' });
}

describe('sockets and event streams', () => {
  test('are ended spread over 1 ms for each, so that their clients do not come back all at once', async () => {
    await startNode();
    const tokens = await Promise.all(
      ['ann', 'ben'].map(async (name) => (await as(name).headers())['authorization']),
    );
    const after = await cursorOf(as('ben'));
    const ends: Promise<{ at: number; code: number | null }>[] = [];
    for (let i = 0; i < 300; i++) {
      const socket = await openSocket(tokens[i % 2]);
      ends.push(once(socket, 'close').then(([code]) => ({ at: Date.now(), code })));
    }
    for (let i = 0; i < 100; i++) {
      const { body } = await openEventStream(after);
      ends.push(read(body).then(() => ({ at: Date.now(), code: null })));
    }

    const took = await stop();
    const ended = await Promise.all(ends);
    expect(ended.map(({ code }) => code)).toEqual([...Array(300).fill(1001), ...Array(100).fill(null)]);
    const [asked, stopped] = ['SIGTERM: stopping', 'stopped'].map(loggedAt) as [number, number];
    const times = ended.map(({ at }) => at - asked).sort((one, other) => one - other);
    // A busy machine may be late, but not early. Timers are, by a millisecond.
    expect(times.filter((time, i) => time < i - 2)).toEqual([]);
    expect(stopped - asked).toBeGreaterThan(times.length - 5);
    expect(took).toBeLessThan(10_000);
  }, 60_000);

  test('an event stream ends as a response should, after a whole event, and does not say that it is complete', async () => {
    await startNode();
    const after = await cursorOf(as('ben'));
    const streams = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { body } = await openEventStream(after);
        const stream = { text: '', ended: read(body, (chunk) => (stream.text += chunk)) };
        return stream;
      }),
    );
    await insertMessages();
    await eventually(() => streams.every(({ text }) => text.length > 100_000), { withinMs: 20_000 });

    await stop();
    for (const { text, ended } of streams) {
      await ended;
      const [, ...events] = text.split('event: ');
      expect(events.length).toBeGreaterThan(5);
      // The case means something: they had not been given everything.
      expect(events.length).toBeLessThan(MESSAGES);
      for (const [i, event] of events.entries())
        expect(event).toMatch(new RegExp(`^next\ndata: {"data":{"inbox":{.*"${i + 1}x+"}}}}\n\n(:\n\n)*$`));
    }
  }, 60_000);

  test('an event stream whose reader stands still is cut off after a while', async () => {
    await startNode();
    const { hostname, port } = new URL(node.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause();
    const body = JSON.stringify({
      query:
        'subscription ($after: String) { inbox(after: $after) { ... on MessageSent { message { messageText } } } }',
      variables: { after: await cursorOf(as('ben')) },
    });
    const { authorization } = await as('ben').headers();
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nAccept: text/event-stream\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await insertMessages();
    let [given, earlier] = [0, -1];
    await eventually(
      async () => {
        await delay(200);
        [earlier, given] = [given, await metric(node.url, 'parley_inbox_events_total')];
        return given > 50 && given === earlier;
      },
      { withinMs: 40_000 },
    );
    // The case means something: there is more that cannot be sent.
    expect(given).toBeLessThan(MESSAGES);

    expect(await stop()).toBeLessThan(10_000);
    socket.destroy();
  }, 60_000);
});

const ASK_LATE = 'what is asked of a socket after its end was decided';

test(`a socket first answers what runs on it; ${ASK_LATE} is not begun`, async () => {
  await startNode();
  const benId = await as('ann').idOf('ben');
  const { authorization } = await as('ann').headers();
  const socket = await openSocket(authorization);
  const received: { id?: string; type: string }[] = [];
  socket.on('message', (message) => received.push(JSON.parse(String(message))));
  const send = (messageText: string) =>
    socket.send(
      JSON.stringify({
        id: messageText,
        type: 'subscribe',
        payload: { query: SEND, variables: { input: { receiverId: benId, messageText } } },
      }),
    );
  const lock = await database.pool.connect();
  try {
    await lock.query("BEGIN; SELECT FROM users WHERE username = 'ben' FOR UPDATE");
    send('in time');
    await eventually(async () => (await waitingForLocks(database.pool)).length === 1);
    node.kill('SIGTERM');
    await eventually(portIsClosed);
    send('too late');
    // A ping is answered by the socket itself, after all that came before.
    socket.ping();
    await once(socket, 'pong');
    await lock.query('COMMIT');
    const [code] = await once(socket, 'close');
    expect(code).toBe(1001);
  } finally {
    lock.release();
  }
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(received.map(({ id, type }) => [id, type])).toEqual([
    ['in time', 'next'],
    ['in time', 'complete'],
  ]);
  const { rows: sent } = await database.pool.query("SELECT FROM messages WHERE message_text = 'too late'");
  expect(sent).toEqual([]);
});

test('a request whose body is still on its way when the port closes is answered', async () => {
  await startNode();
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  const body = JSON.stringify({ query: '{ viewer { username } }' });
  const { authorization } = await as('ann').headers();
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nExpect: 100-continue\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  // Which says that the request has been taken.
  await eventually(() => received.includes('100 Continue'));
  node.kill('SIGTERM');
  await eventually(portIsClosed);
  socket.write(body);
  await once(socket, 'close');
  expect(received).toMatch(/"username":"ann"/);
  expect(await node.exited).toEqual({ code: 0, signal: null });
});

/** When the node wrote this line (milliseconds since 1970). */
function loggedAt(message: string): number {
  const lines = node.log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return lines.find(({ msg }) => msg === message).time;
}

/** Reads to its end. @throws when it is cut off. */
async function read(body: Response['body'], take: (chunk: string) => void = () => {}): Promise<void> {
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) take(chunk);
}
