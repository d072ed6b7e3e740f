import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import WebSocket from 'ws';
import { INBOX, TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createUsers, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

let server: TestServer;
let alice: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  await createUsers(server.pool, 'alice', 'bob');
  alice = new TestClient(server.url, 'alice');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A socket of alice's that has been let in, below the level of graphql-ws' client. */
async function rawSocket({ url } = server): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  await new Promise((resolve) => socket.once('open', resolve));
  const acknowledged = new Promise((resolve) => socket.once('message', resolve));
  const authorization = `Bearer ${await tokenOf('alice')}`;
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await acknowledged;
  return socket;
}

const metrics = async ({ url } = server) => (await fetch(new URL('/metrics', url))).text();

const subscribe = (id: number, query: string) =>
  JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query } });

describe('over HTTP', () => {
  test('a Host header that is no host is refused without a word of the inside', async () => {
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET /graphql HTTP/1.1\r\nHost: a b[%%%\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toMatch(/node_modules|TypeError/);
  });

  test('a subscription by GET is refused: GET is for queries', async () => {
    const response = await fetch(
      `${server.url}?query=${encodeURIComponent('subscription { inbox { cursor } }')}`,
      {
        headers: { ...(await alice.headers()), accept: 'text/event-stream' },
      },
    );
    expect(await response.text()).toContain('BAD_USER_INPUT');
    expect(response.status).toBe(405);
  });

  test('a subscription that @skip leaves empty is bad input', async () => {
    const response = await alice.post(
      { query: 'subscription { inbox @skip(if: true) { cursor } }' },
      { accept: 'text/event-stream' },
    );
    const text = await response.text();
    expect(text).toContain('BAD_USER_INPUT');
    expect(text).toContain('selects no field');
  });
});

describe('on a socket', () => {
  test('a subscription that @skip leaves empty is bad input, and the socket stays open', async () => {
    const socket = await rawSocket();
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    socket.send(subscribe(1, 'subscription { inbox @skip(if: true) { cursor } }'));
    socket.send(subscribe(2, '{ viewer { username } }'));
    await eventually(() => answers.some((answer) => answer.includes('"alice"')));
    expect(answers.find((answer) => answer.includes('"id":"1"'))).toContain('BAD_USER_INPUT');
    socket.terminate();
  });

  test('the operation after the hundredth at a time is RATE_LIMITED, and the others go on', async () => {
    const socket = await rawSocket();
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    for (let id = 1; id <= 101; id++) socket.send(subscribe(id, INBOX));
    await eventually(() => answers.length > 0);
    expect(answers).toHaveLength(1);
    await eventually(async () => /^parley_subscriptions 100$/m.test(await metrics()));
    expect(JSON.parse(answers[0] as string)).toMatchObject({
      id: '101',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    const bob = new TestClient(server.url, 'bob');
    const input = { receiverId: await bob.idOf('alice'), messageText: 'still there?' };
    await bob.data('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
      input,
    });
    await eventually(() => answers.length === 101);
    socket.terminate();
  });

  test('a client that asks and never reads is cut off', async () => {
    await using strict = await startTestServer({
      database: server,
      environment: { MAX_SOCKET_BUFFERED_BYTES: '65536' },
    });
    const socket = await rawSocket(strict);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    (socket as unknown as { _socket: { pause(): void } })._socket.pause();
    const big = getIntrospectionQuery();
    let id = 0;
    const asking = setInterval(() => socket.send(subscribe(++id, big), () => {}), 2);
    try {
      await eventually(async () => /^parley_sockets 0$/m.test(await metrics(strict)), { withinMs: 20_000 });
    } finally {
      clearInterval(asking);
      socket.terminate();
    }
    await closed;
  });
});

test('queries go on while a user whom they show is deleted', async () => {
  const readers = new TestClient(server.url, 'alice');
  let busy = true;
  const deleting = (async () => {
    for (let i = 0; i < 60; i++) {
      const [id] = await createUsers(server.pool, `passing-${i}`);
      await server.pool.query(
        `INSERT INTO messages (sender_id, receiver_id, message_text)
         SELECT $1, id, 'gone soon' FROM users WHERE username = 'alice'`,
        [id],
      );
      await server.pool.query('DELETE FROM users WHERE id = $1', [id]);
    }
    busy = false;
  })();
  const codes = new Set<string>();
  const list =
    '{ conversations(first: 20) { edges { node { peer { username } lastMessage { sender { username } } } } } }';
  while (busy) for (const error of (await readers.ask(list)).errors ?? []) codes.add(error.extensions.code);
  await deleting;
  expect([...codes]).toEqual([]);
});
