import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, TestClient } from '../support/client.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';

const MAX_BODY_BYTES = 2_048;

let server: TestServer;
let ann: TestClient;

beforeAll(async () => {
  server = await startTestServer({ environment: { MAX_BODY_BYTES: String(MAX_BODY_BYTES) } });
  await createUsers(server.pool, 'ann', 'ben');
  ann = new TestClient(server.url, 'ann');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function get(query: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const accept = 'application/graphql-response+json';
  return fetch(`${server.url}?${new URLSearchParams({ query, ...more })}`, {
    headers: { ...(await ann.headers()), accept },
  });
}

const codeIn = async (response: Response) => ((await response.json()) as Answer).errors?.[0]?.extensions;

async function messageCount(): Promise<number> {
  return (await server.pool.query('SELECT count(*)::int FROM messages')).rows[0].count;
}

async function sending(text = 'x'): Promise<string> {
  return `mutation { sendMessage(input: { receiverId: "${await ann.idOf('ben')}", messageText: "${text}" }) { message { id } } }`;
}

describe('GET', () => {
  test('answers a query', async () => {
    const response = await get('query ($name: String!) { user(username: $name) { username } }', {
      variables: '{"name":"ben"}',
    });
    expect(await response.json()).toEqual({ data: { user: { username: 'ben' } } });
  });

  test('refuses a mutation, which any link could carry, and writes nothing', async () => {
    const before = await messageCount();
    const response = await get(await sending());
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'POST',
    });
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
    expect(await messageCount()).toBe(before);
  });

  test('refuses the mutation of a document that has a query too', async () => {
    const before = await messageCount();
    const both = `query A { viewer { id } } ${(await sending()).replace('mutation', 'mutation B')}`;
    expect((await get(both, { operationName: 'A' })).status).toBe(200);
    expect((await get(both, { operationName: 'B' })).status).toBe(405);
    expect(await messageCount()).toBe(before);
  });

  test.each(['variables', 'extensions'])('refuses %s that are no JSON with 400', async (name) => {
    const response = await get('{ viewer { id } }', { [name]: '{' });
    expect(response.status).toBe(400);
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('without a query is refused with 400', async () => {
    const response = await fetch(server.url, { headers: { accept: 'application/json' } });
    expect(response.status).toBe(400);
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
  });
});

test.each(['PUT', 'DELETE', 'PATCH'])('%s is refused with 405', async (method) => {
  const response = await fetch(server.url, { method, headers: { 'content-type': 'application/json' } });
  expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
    status: 405,
    allow: 'GET, POST',
  });
  expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
});

describe('POST', () => {
  test('takes JSON, with or without a charset', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8']) {
      const response = await ann.post({ query: await sending() }, { 'content-type': type });
      expect(response.status).toBe(200);
    }
    expect(await messageCount()).toBe(2);
  });

  // A page of another site can post these without asking first, with what the browser has of its reader.
  test.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'text/plain',
    'text/plain;application/json',
  ])('refuses %s', async (type) => {
    const before = await messageCount();
    const query = await sending();
    const form = new FormData();
    form.set('operations', JSON.stringify({ query, variables: {} }));
    form.set('map', '{}');
    const body = {
      'application/x-www-form-urlencoded': new URLSearchParams({ query }),
      'multipart/form-data': form,
    }[type];
    const response = await fetch(server.url, {
      method: 'POST',
      body: body ?? JSON.stringify({ query }),
      headers: { ...(await ann.headers()), ...(body ? {} : { 'content-type': type }) },
    });
    expect(response.status).toBe(415);
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
    expect(await messageCount()).toBe(before);
  });

  test('refuses several operations in one request, which no limit would count', async () => {
    const before = await messageCount();
    const response = await ann.post([{ query: await sending() }, { query: await sending() }]);
    expect(response.status).toBe(400);
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
    expect(await messageCount()).toBe(before);
  });

  test('shows of a body that is no JSON neither the parser nor its place in the code', async () => {
    const response = await ann.post('{"query": ');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errors: [{ message: 'POST body sent invalid JSON.', extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

describe('a body', () => {
  const padded = (bytes: number) => {
    const query = '{ viewer { username } }';
    return JSON.stringify({ query }).padEnd(bytes);
  };

  test('of MAX_BODY_BYTES is taken', async () => {
    expect((await ann.post(padded(MAX_BODY_BYTES))).status).toBe(200);
  });

  test('of one byte more is refused with 413', async () => {
    const response = await ann.post(padded(MAX_BODY_BYTES + 1));
    expect(response.status).toBe(413);
    expect(await codeIn(response)).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('that does not say how long it is, is refused as soon as it is too long', async () => {
    const { authorization = '' } = await ann.headers();
    const refused = await new Promise<{ status: number | undefined; sent: number }>((resolve, reject) => {
      let sent = 0;
      const call = request(server.url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      });
      call.on('response', (response) => {
        resolve({ status: response.statusCode, sent });
        call.destroy();
      });
      call.on('error', reject);
      call.on('close', () => clearInterval(sender));
      const sender = setInterval(() => {
        sent += 1_024;
        call.write(' '.repeat(1_024));
      }, 1);
    });
    expect(refused.status).toBe(413);
    expect(refused.sent).toBeLessThan(1_024 * 1_024);
  });
});

describe('paths', () => {
  test('an unknown one is 404', async () => {
    for (const path of [
      '/nothing',
      '/graphql2',
      '/graphql/more',
      '/health',
      '/health/live/x',
      '/more/graphql',
      '/x?y=/graphql',
      '//',
      '/favicon.ico',
    ])
      expect([path, (await fetch(new URL(server.url).origin + path)).status]).toEqual([path, 404]);
  });

  test('/ leads to GraphQL', async () => {
    const response = await fetch(new URL('/', server.url), { redirect: 'manual' });
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 302,
      location: '/graphql',
    });
  });
});
