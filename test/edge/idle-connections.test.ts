import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';

const IDLE_MS = 2_000;
/** How much later a busy machine may notice. Node.js' own time between requests, 6 s, is longer. */
const LATE_MS = 2_500;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ environment: { HTTP_IDLE_TIMEOUT_MS: String(IDLE_MS) } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('between requests a connection is kept as long as at any other time, and the answer names no other', async () => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const ask = async () => {
    socket.write('GET /health/live HTTP/1.1\r\nhost: parley\r\n\r\n');
    return String((await once(socket, 'data'))[0]);
  };
  const answer = await ask();
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toMatch(/^keep-alive:/im);
  // One more on the same connection: its time begins anew, at some moment between the two that are seen here.
  const asked = performance.now();
  await ask();
  const answered = performance.now();
  await once(socket, 'close');
  const closed = performance.now();
  expect(closed - asked).toBeGreaterThan(IDLE_MS - 100);
  expect(closed - answered).toBeLessThan(IDLE_MS + LATE_MS);
});
