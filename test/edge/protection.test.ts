import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test.each([
  ['/graphql', { accept: 'text/html' }],
  ['/graphql?query={__typename}', { accept: 'application/json' }],
  ['/health/ready', {}],
  ['/metrics', {}],
  ['/nothing', {}],
])('%s %j is for nobody to frame, sniff or keep', async (path, headers) => {
  const response = await fetch(new URL(path, server.url), { headers });
  await response.arrayBuffer();
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
});
