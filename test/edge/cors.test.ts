import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { TestClient } from '../support/client.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';

const ALLOWED = 'https://chat.example';

let server: TestServer;
let ann: TestClient;

beforeAll(async () => {
  server = await startTestServer({
    environment: { ALLOWED_ORIGINS: `${ALLOWED}, https://two.example:8443` },
  });
  await createUsers(server.pool, 'ann');
  ann = new TestClient(server.url, 'ann');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const corsHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

function preflight(origin: string): Promise<Response> {
  return fetch(server.url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
}

describe('an origin that is named', () => {
  test.each([ALLOWED, 'https://two.example:8443'])('%s may read answers, without cookies', async (origin) => {
    const response = await ann.post({ query: '{ __typename }' }, { origin });
    expect(corsHeaders(response)).toMatchObject({ 'access-control-allow-origin': origin });
    expect(corsHeaders(response)).not.toHaveProperty('access-control-allow-credentials');
    expect(response.headers.get('vary')).toMatch(/origin/i);
  });

  test('may send a token and JSON', async () => {
    const response = await preflight(ALLOWED);
    expect(response.status).toBe(204);
    expect(corsHeaders(response)).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '7200',
    });
    expect(corsHeaders(response)).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('an origin that is not named', () => {
  const FOREIGN = [
    'https://evil.example',
    'http://chat.example',
    'https://chat.example:444',
    'https://chat.example.evil.example',
    'https://sub.chat.example',
    'null',
  ];

  test.each(FOREIGN)('%s gets no permission, neither asked first nor in the answer', async (origin) => {
    expect(corsHeaders(await preflight(origin))).toEqual({});
    const response = await ann.post({ query: '{ __typename }' }, { origin });
    expect(corsHeaders(response)).toEqual({});
  });

  test('is not told by an error either', async () => {
    const response = await ann.post({ query: '{' }, { origin: 'https://evil.example' });
    expect(response.status).toBe(400);
    expect(corsHeaders(response)).toEqual({});
  });
});

function openSocket(origin: string | undefined): Promise<number | 'open'> {
  const socket = new WebSocket(server.url.replace(/^http/, 'ws'), 'graphql-transport-ws', {
    ...(origin === undefined ? {} : { origin }),
  });
  return new Promise((resolve) => {
    socket.once('open', () => resolve('open'));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', () => {});
  }).finally(() => socket.terminate()) as Promise<number | 'open'>;
}

describe('a socket', () => {
  test.each([
    ['no origin, so not from a browser', () => undefined],
    ['an origin that is named', () => ALLOWED],
    ["the server's own origin", () => new URL(server.url).origin],
  ])('with %s is opened', async (_name, origin) => {
    expect(await openSocket(origin())).toBe('open');
  });

  test.each(['https://evil.example', 'http://127.0.0.1:1', 'null'])(
    'with the origin %s is refused',
    async (origin) => {
      expect(await openSocket(origin)).toBe(403);
    },
  );
});
