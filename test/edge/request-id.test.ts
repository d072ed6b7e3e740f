import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ann: TestClient;

beforeAll(async () => {
  server = await startTestServer();
  await createUsers(server.pool, 'ann');
  ann = new TestClient(server.url, 'ann');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function idAnswered(given?: string): Promise<string | null> {
  const response = await ann.post(
    { query: '{ __typename }' },
    given === undefined ? {} : { 'x-request-id': given },
  );
  return response.headers.get('x-request-id');
}

test('each answer names its request', async () => {
  const [first, second] = [await idAnswered(), await idAnswered()];
  expect(first).toMatch(UUID);
  expect(second).toMatch(UUID);
  expect(first).not.toBe(second);
});

test('a proxy may have named it already', async () => {
  expect(await idAnswered('edge-1.example:42')).toBe('edge-1.example:42');
});

test.each([['a'.repeat(129)], ['{"log": "forged"}'], ['two words'], ['<script>']])(
  'but not by what does not belong into a log: %s',
  async (given) => {
    expect(await idAnswered(given)).toMatch(UUID);
  },
);

test('health checks and metrics have one as well', async () => {
  for (const path of ['/health/live', '/metrics', '/nothing'])
    expect((await fetch(new URL(path, server.url))).headers.get('x-request-id')).toMatch(UUID);
});

test('an unexpected fault shows the id and nothing of its cause', async () => {
  await server.pool.query('ALTER TABLE users RENAME COLUMN username TO gone');
  try {
    const response = await ann.post({ query: '{ viewer { username } }' }, { 'x-request-id': 'request-7' });
    const body = await response.text();
    expect(JSON.parse(body).errors[0].extensions).toEqual({ code: 'INTERNAL', requestId: 'request-7' });
    expect(body).not.toMatch(/does not exist|SELECT|42703|\.ts/);
  } finally {
    await server.pool.query('ALTER TABLE users RENAME COLUMN gone TO username');
  }
});

test('a fault in finding out who asks has the id too', async () => {
  await server.pool.query('ALTER TABLE users RENAME COLUMN external_id TO gone');
  try {
    const stranger = new TestClient(server.url, 'ben');
    const response = await stranger.post({ query: '{ viewer { id } }' }, { 'x-request-id': 'request-8' });
    expect(response.status).toBe(500);
    const body = (await response.json()) as { errors: { extensions: unknown }[] };
    expect(body.errors[0]?.extensions).toEqual({ code: 'INTERNAL', requestId: 'request-8' });
  } finally {
    await server.pool.query('ALTER TABLE users RENAME COLUMN gone TO external_id');
  }
});
