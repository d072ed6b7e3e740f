import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { SEND } from '../support/messages.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createPeople, type Person } from '../support/people.ts';
import { createUsers, tokenOf } from '../support/server.ts';
import { cursorOf, follow, type InboxEvent, type Recording } from '../support/subscriber.ts';

let database: TestDatabase;
let doomed: NodeProcess;
let survivor: NodeProcess;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  database = await createTestDatabase();
  survivor = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  [alice, bob] = await createPeople({ url: survivor.url, pool: database.pool }, 'alice', 'bob');
});
afterAll(async () => {
  await survivor[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
afterEach(async () => {
  await doomed[Symbol.asyncDispose]();
});

const on = (node: NodeProcess, { name }: Person) => new TestClient(node.url, name);
const isSent = (text: string) => (event: InboxEvent) =>
  event.__typename === 'MessageSent' && event.message?.messageText === text;

/** Sends until told to stop, on both nodes in turn, each text again with its idempotency key until it is answered. */
function keepSending(nodes: readonly NodeProcess[], prefix: string) {
  let going = true;
  const sent: string[] = [];
  async function sendAll() {
    while (going) {
      const messageText = `${prefix} ${sent.length}`;
      const input = { receiverId: bob.id, messageText, idempotencyKey: messageText };
      const first = nodes[sent.length % nodes.length] as NodeProcess;
      await on(first, alice)
        .data(SEND, { input })
        .catch(() => on(survivor, alice).data(SEND, { input }));
      sent.push(messageText);
    }
    return sent;
  }
  const done = sendAll();
  return {
    sent,
    async stop() {
      going = false;
      return done;
    },
  };
}

/** What the devices saw on the node that ended, and after it on the other one. */
async function finishElsewhere(recordings: readonly Recording[], last: string): Promise<InboxEvent[][]> {
  return Promise.all(
    recordings.map(async (recording) => {
      await recording.end();
      await using resumed = await follow(on(survivor, bob), { after: recording.cursor as string });
      const rest = await resumed.until((events) => events.some(isSent(last)), 20_000);
      return [...recording.events, ...rest];
    }),
  );
}

function textsOf(events: readonly InboxEvent[]) {
  return events.map((event) => (event.__typename === 'MessageSent' ? event.message?.messageText : null));
}

test('a node killed in mid-stream loses nothing, repeats nothing and keeps the order for who goes on elsewhere', async () => {
  doomed = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  const nodes = [doomed, survivor];
  const recordings = await Promise.all([
    follow(on(doomed, bob)),
    follow(on(doomed, bob)),
    follow(on(doomed, bob), { over: 'Server-Sent Events' }),
  ]);
  const sending = keepSending(nodes, 'killed');
  for (const recording of recordings) await recording.reaches(30, 15_000);

  doomed.kill('SIGKILL');
  expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });
  const atDeath = sending.sent.length;
  await eventually(() => sending.sent.length > atDeath + 30, { withinMs: 15_000 });
  const sent = await sending.stop();

  for (const events of await finishElsewhere(recordings, sent.at(-1) as string)) {
    expect(textsOf(events)).toEqual(sent);
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(sent.length);
  }
}, 60_000);

test('a node asked to stop closes its sockets with 1001, and those who follow lose nothing either', async () => {
  doomed = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  const recordings = await Promise.all([
    follow(on(doomed, bob)),
    follow(on(doomed, bob), { over: 'Server-Sent Events' }),
  ]);
  const sending = keepSending([survivor], 'stopped');
  for (const recording of recordings) await recording.reaches(20, 15_000);

  const asked = performance.now();
  doomed.kill('SIGTERM');
  expect(await doomed.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(5_000);
  const sent = await sending.stop();

  for (const events of await finishElsewhere(recordings, sent.at(-1) as string))
    expect(textsOf(events)).toEqual(sent);
  expect(recordings[0]?.closeCode).toBe(1001);
}, 60_000);

test('a stopping node first answers what it has begun, over HTTP and over sockets', async () => {
  doomed = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  const device = await on(doomed, alice).socket();
  await using _ = { [Symbol.asyncDispose]: async () => device.dispose() };
  const start = await cursorOf(bob.client);
  // So long that each is a statement of its own.
  const [byHttp, bySocket] = ['begun over HTTP '.repeat(200), 'begun over a socket '.repeat(200)];
  const client = await database.pool.connect();
  try {
    // Sends wait for the receiver's place in the log.
    await client.query('BEGIN');
    await client.query('SELECT FROM inbox_heads WHERE user_id = $1 FOR UPDATE', [bob.row]);
    const input = (messageText: string) => ({ input: { receiverId: bob.id, messageText } });
    const overHttp = on(doomed, alice).ask(SEND, input(byHttp));
    const overSocket = device.iterate({ query: SEND, variables: input(bySocket) }).next();
    await eventually(async () => (await waitingForLocks()) === 2);

    doomed.kill('SIGTERM');
    await eventually(() => doomed.log.some((line) => line.includes('SIGTERM')));
    await expect(on(doomed, alice).ask('{ __typename }')).rejects.toThrow();
    await client.query('COMMIT');

    expect((await overHttp).data.sendMessage.message.messageText).toBe(byHttp);
    expect((await overSocket).value).toMatchObject({
      data: { sendMessage: { message: { messageText: bySocket } } },
    });
  } finally {
    client.release();
  }
  expect(await doomed.exited).toEqual({ code: 0, signal: null });
  await using recording = await follow(bob.client, { after: start });
  expect(textsOf(await recording.reaches(2)).sort()).toEqual([byHttp, bySocket]);
});

test('a stopping node does not wait long for clients that no longer answer', async () => {
  doomed = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  await using recording = await follow(on(doomed, bob));
  const { id } = (await alice.client.data(SEND, { input: { receiverId: bob.id, messageText: 'last' } }))
    .sendMessage.message;
  expect(await recording.reaches(1)).toMatchObject([{ message: { id } }]);
  recording.freeze();

  const asked = performance.now();
  doomed.kill('SIGTERM');
  expect(await doomed.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(5_000);
  recording.drop();
});

test('a stopping node does not wait for the token of a socket that closed while it was looked up', async () => {
  doomed = await startNodeProcess(database.url, { EVENT_BUS: 'postgres' });
  await createUsers(database.pool, 'carol');
  const holder = await database.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const socket = new WebSocket(doomed.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const authorization = `Bearer ${await tokenOf('carol')}`;
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    await eventually(async () => (await waitingForLocks(LOOKUP)) === 1);
    socket.terminate();
    await eventually(async () => {
      const metrics = await (await fetch(new URL('/metrics', doomed.url))).text();
      return metrics.includes('parley_sockets 0');
    });
    await holder.query('COMMIT');
  } finally {
    holder.release();
  }
  await on(doomed, bob).data('{ viewer { id } }');

  const asked = performance.now();
  doomed.kill('SIGTERM');
  expect(await doomed.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(5_000);
});

/** Of a token's `sub`. Nodes also check every second whom they know, by another statement. */
const LOOKUP = '%external_id = ANY%';

/** How many such statements on this database wait for a lock. */
async function waitingForLocks(like = '%'): Promise<number> {
  const { rows } = await database.pool.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
    [like],
  );
  return rows.length;
}
