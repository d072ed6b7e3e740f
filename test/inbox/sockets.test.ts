import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import WebSocket from 'ws';
import { INBOX } from '../support/client.ts';
import { send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { cursorOf, follow } from '../support/subscriber.ts';

const ALLOWED = 'https://chat.example';

let server: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  server = await startTestServer({ environment: { ALLOWED_ORIGINS: ALLOWED } });
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const address = () => server.url.replace(/^http/, 'ws');
const PROTOCOL = 'graphql-transport-ws';

/** Opens a socket and sends `connection_init` with this payload. @returns the code with which the server closes it. */
async function closeCodeOf(payload?: unknown): Promise<number> {
  const socket = new WebSocket(address(), PROTOCOL);
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  const [code] = await once(socket, 'close');
  return code;
}

test('a socket without a token is closed with 4403', async () => {
  expect(await closeCodeOf()).toBe(CloseCode.Forbidden);
  expect(await closeCodeOf({ authorization: null })).toBe(CloseCode.Forbidden);
});

test.each([
  ['that is no token', async () => 'Bearer nonsense'],
  ['that is expired', async () => `Bearer ${await tokenOf(bob.name, { ttl: '-1s' })}`],
  ['of nobody', async () => `Bearer ${await tokenOf('nobody')}`],
  ['signed by somebody else', async () => `Bearer ${await tokenOf(bob.name, { secret: 'x'.repeat(32) })}`],
  ['that is a number', async () => 7],
])('a socket with a token %s is closed with 4403', async (_, authorization) => {
  expect(await closeCodeOf({ authorization: await authorization() })).toBe(CloseCode.Forbidden);
});

test('a token that expires closes its open socket with 4403, within 1 s and not before', async () => {
  const socket = new WebSocket(address(), PROTOCOL);
  await once(socket, 'open');
  const token = await tokenOf(bob.name, { ttl: '2s' });
  const expiresAt = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).exp * 1_000;
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  const [answer] = await once(socket, 'message');
  expect(JSON.parse(String(answer))).toEqual({ type: 'connection_ack' });

  const [code] = await once(socket, 'close');
  expect(code).toBe(CloseCode.Forbidden);
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
  expect(Date.now()).toBeLessThan(expiresAt + 1_000);
});

test('a client that does not let its socket close after the token has expired can do nothing more with it', async () => {
  const start = await cursorOf(alice.client);
  const socket = new WebSocket(address(), PROTOCOL);
  await once(socket, 'open');
  const token = await tokenOf(alice.name, { ttl: '1s' });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  // Reads no more, so it does not see that it should close; but it still writes.
  socket.pause();
  let attempts = 0;
  const query = `mutation { sendMessage(input: { receiverId: "${bob.id}", messageText: "too late" }) { message { id } } }`;
  const expiry = Date.now() + 1_500;
  while (socket.readyState === WebSocket.OPEN && Date.now() < expiry + 5_000) {
    if (Date.now() > expiry) {
      attempts++;
      socket.send(JSON.stringify({ id: `${attempts}`, type: 'subscribe', payload: { query } }), () => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (attempts === 20) break;
  }
  socket.resume();
  socket.terminate();

  expect(attempts).toBe(20);
  expect(await cursorOf(alice.client)).toBe(start);
});

/** @returns the status of the answer to the request for an upgrade, 101 when it is granted. */
async function upgradeFrom(origin: string | undefined): Promise<number | undefined> {
  const socket = new WebSocket(address(), PROTOCOL, origin === undefined ? {} : { origin });
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
  ]);
  socket.on('error', () => {});
  socket.terminate();
  return status;
}

test.each(['https://evil.example', 'null', `${ALLOWED}.evil.example`, 'http://chat.example', 'file://'])(
  'an upgrade asked for by a page of %s is refused with 403',
  async (origin) => {
    expect(await upgradeFrom(origin)).toBe(403);
  },
);

test('an upgrade is granted to pages of this server, of the allowed origins, and to programs without any', async () => {
  expect(await upgradeFrom(new URL(server.url).origin)).toBe(101);
  expect(await upgradeFrom(ALLOWED)).toBe(101);
  expect(await upgradeFrom(undefined)).toBe(101);
});

test('clients that reset the connection while their upgrade is refused do no harm', async () => {
  const { hostname, port } = new URL(server.url);
  for (let i = 0; i < 10; i++) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      () => socket.resetAndDestroy(),
    );
    await once(socket, 'close');
  }
  expect(await upgradeFrom(undefined)).toBe(101);
});

test('an error in one operation leaves the others on its socket alone', async () => {
  await using recording = await follow(bob.client);
  const device = await bob.client.socket();
  const ask = async (query: string, more = {}) => {
    try {
      return (await device.iterate({ query, ...more }).next()).value;
    } catch (error) {
      return { errors: error };
    }
  };
  const after = await cursorOf(bob.client);
  const inbox = device.iterate({ query: INBOX, variables: { after } });
  const event = inbox.next();

  const refused = [
    await ask('{ not graphql'),
    await ask('{ noSuchField }'),
    await ask('{ message { id } }'),
    await ask('query ($id: ID!) { node(id: $id) { id } }', { variables: {} }),
    await ask('query A { __typename } query B { __typename }'),
    await ask('query A { __typename }', { operationName: 'C' }),
    await ask('{ conversation(with: "nonsense") { id } }'),
    await ask('subscription { inbox(after: "nonsense") { cursor } }'),
    await ask('subscription ($after: Int) { inbox(after: $after) { cursor } }'),
  ];
  for (const { errors } of refused)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);

  await send(alice, bob, 'still there?');
  expect((await event).value).toMatchObject({
    data: { inbox: { message: { messageText: 'still there?' } } },
  });
  expect(await ask('{ viewer { username } }')).toEqual({ data: { viewer: { username: bob.name } } });
  await device.dispose();
  await recording.reaches(1);
});

test('several subscriptions on one socket each get everything', async () => {
  const device = await bob.client.socket();
  const after = await cursorOf(bob.client);
  const inboxes = Array.from({ length: 5 }, () => device.iterate({ query: INBOX, variables: { after } }));
  await send(alice, bob, 'to each');
  for (const inbox of inboxes)
    expect((await inbox.next()).value).toMatchObject({
      data: { inbox: { message: { messageText: 'to each' } } },
    });
  // One that ends leaves the rest.
  await inboxes[0]?.return?.();
  await send(alice, bob, 'to the rest');
  for (const inbox of inboxes.slice(1))
    expect((await inbox.next()).value).toMatchObject({
      data: { inbox: { message: { messageText: 'to the rest' } } },
    });
  await device.dispose();
});
