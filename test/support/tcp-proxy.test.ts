import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const DELAY_MS = 100;

let echo: Server;
/** The connections that have reached it. */
const served: Socket[] = [];
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeAll(async () => {
  echo = createServer((socket) => {
    served.push(socket.on('error', () => {}));
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterAll(() => {
  echo.close();
});
beforeEach(async () => {
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy[Symbol.asyncDispose]();
  await eventually(() => served.every(({ destroyed }) => destroyed));
  served.length = 0;
});

/** A client, with all that it has been answered. */
async function call() {
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  clients.push(socket);
  const heard = { text: '', error: null as NodeJS.ErrnoException | null };
  socket.on('data', (chunk) => {
    heard.text += chunk;
  });
  socket.on('error', (error) => {
    heard.error = error;
  });
  await once(socket, 'connect');
  return { socket, heard };
}

async function say({ socket, heard }: Awaited<ReturnType<typeof call>>, text: string): Promise<void> {
  const before = heard.text;
  socket.write(text);
  await eventually(() => heard.text === before + text);
}

test('what both ends say passes as it is, and so does the end', async () => {
  const client = await call();
  const long = 'to and fro '.repeat(100_000);
  await say(client, long);
  expect(proxy.count).toBe(1);

  client.socket.end();
  await once(client.socket, 'close');

  await eventually(() => proxy.count === 0 && served.every(({ destroyed }) => destroyed));
  expect(client.heard.error).toBeNull();
});

test('each piece arrives later, either way, and in order also when the delay shrinks', async () => {
  const client = await call();
  await say(client, 'begun ');
  proxy.delay(DELAY_MS);
  const asked = performance.now();
  client.socket.write('slow ');
  await eventually(() => served[0]?.bytesRead === 'begun slow '.length);
  expect(performance.now() - asked).toBeGreaterThan(DELAY_MS - 1);

  await proxy.heal();
  client.socket.write('fast');
  await eventually(() => client.heard.text === 'begun slow fast');
});

test('only the answers are late where that is wanted', async () => {
  const client = await call();
  await say(client, 'begun ');
  const asked = performance.now();
  proxy.delay(DELAY_MS, 'answers');
  client.socket.write('slow ');
  await eventually(() => client.heard.text === 'begun slow ');
  expect(performance.now() - asked).toBeGreaterThan(DELAY_MS - 1);

  // Longer than this test may take.
  proxy.delay(60_000, 'answers');
  client.socket.write('slower');
  await eventually(() => served[0]?.bytesRead === 'begun slow slower'.length);
  expect(client.heard.text).toBe('begun slow ');
});

test('what is dropped is answered by nobody, and its connection is dead for good while new ones live', async () => {
  const old = await call();
  await say(old, 'begun');
  proxy.drop();
  const during = await call();
  old.socket.write('lost');
  during.socket.write('lost');
  await eventually(() => proxy.lostBytes === 'lostlost'.length);

  await proxy.heal();
  await say(await call(), 'alive');

  old.socket.write('still lost');
  await eventually(() => proxy.lostBytes === 'lostloststill lost'.length);
  expect([old.heard, during.heard]).toEqual([
    { text: 'begun', error: null },
    { text: '', error: null },
  ]);
});

test('a connection that one end gives up while things are dropped ends for the other one only afterwards', async () => {
  const client = await call();
  await say(client, 'begun');
  proxy.drop();
  client.socket.destroy();
  await eventually(() => proxy.count === 0);
  expect(served.map(({ destroyed }) => destroyed)).toEqual([false]);

  await proxy.heal();
  await eventually(() => served.every(({ destroyed }) => destroyed));
});

test('a reset reaches both ends of every connection, and the next one lives', async () => {
  const two = [await call(), await call()];
  for (const client of two) await say(client, 'begun');
  expect(proxy.reset()).toBe(2);
  await eventually(() => two.every(({ heard }) => heard.error?.code === 'ECONNRESET'));
  await eventually(() => served.every(({ destroyed }) => destroyed));
  await say(await call(), 'alive');
});

test('where nobody listens a connection is refused, an open one goes on, and healed there is a new one at the same port', async () => {
  const old = await call();
  proxy.refuse();
  await expect(call()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await say(old, 'alive');

  await proxy.heal();
  await say(await call(), 'alive too');
});

test('a server that is not there resets those who come', async () => {
  const gone = createServer();
  gone.listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await proxy[Symbol.asyncDispose]();
  proxy = await startTcpProxy(port);

  const { heard } = await call();
  await eventually(() => heard.error?.code === 'ECONNRESET');
});
