import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../../support/client.ts';
import { metric } from '../../support/metric.ts';
import { createUsers, type TestServer } from '../../support/server.ts';
import { BAD } from './bad-operations.ts';
import { GOOD, type Operation } from './good-operations.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let authorization: string;

beforeAll(async () => {
  world = await startWorld({ ALLOWED_ORIGINS: 'https://app.example' });
  authorization = (await world.alice.client.headers())['authorization'] as string;
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

type Headers = Readonly<Record<string, string>>;

/** Everything of an answer but what no two answers share. */
async function ask({ url }: TestServer, body: string | Uint8Array<ArrayBuffer>, headers: Headers) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  const own = response.headers.get('x-request-id') ?? '';
  expect(own).not.toBe('');
  const { date: _, 'x-request-id': __, ...shared } = Object.fromEntries(response.headers);
  return { status: response.status, headers: shared, body: text.replaceAll(own, 'its own id') };
}

/** The first answers teach the short way; those after them take it. */
async function expectSame(body: string | Uint8Array<ArrayBuffer>, headers: Headers) {
  const expected = await ask(world.plain, body, headers);
  for (let i = 0; i < 3; i++) expect(await ask(world.fast, body, headers)).toEqual(expected);
  return expected;
}

const directPosts = () => metric(world.fast.url, 'parley_direct_posts_total');

describe.each([['application/json'], ['application/graphql-response+json']])('accepting %s', (accept) => {
  test.each(GOOD)('%s', async (_, operationOf) => {
    const before = await directPosts();
    const { status, body } = await expectSame(JSON.stringify(operationOf(world.names)), {
      authorization,
      accept,
    });
    expect(status).toBe(200);
    expect(JSON.parse(body).errors).toBeUndefined();
    expect((await directPosts()) - before).toBeGreaterThanOrEqual(2);
  });

  test.each(BAD)('%s', async (_, operationOf) => {
    const { body } = await expectSame(JSON.stringify(operationOf(world.names)), { authorization, accept });
    expect(JSON.parse(body).errors).not.toHaveLength(0);
  });
});

const QUERY: Operation = { query: '{ viewer { id username } }' };

describe('asked by', () => {
  test.each<[string, Headers]>([
    ['nobody', {}],
    ['somebody with a bad token', { authorization: 'Bearer nonsense' }],
    ['somebody with something else', { authorization: 'Basic YTpi' }],
    ['somebody whom nobody knows', {}],
  ])('%s', async (who, headers) => {
    const unknown = who.endsWith('knows') ? await new TestClient('', 'nobody-knows').headers() : {};
    await expectSame(JSON.stringify(QUERY), { ...headers, ...unknown });
  });
});

describe('a request', () => {
  const json = JSON.stringify(QUERY);

  test.each<[string, Headers]>([
    ['that accepts everything', { accept: '*/*' }],
    ['that accepts nothing that there is', { accept: 'image/png' }],
    ['that accepts events', { accept: 'text/event-stream' }],
    ['that accepts parts', { accept: 'multipart/mixed' }],
    ['that accepts much', { accept: 'text/html, application/json;q=0.9, */*;q=0.1' }],
    ['that accepts at great length', { accept: `application/json${', application/json'.repeat(200)}` }],
    ['from an origin that is allowed', { origin: 'https://app.example' }],
    ['from an origin that is not', { origin: 'https://elsewhere.example' }],
    ['with a charset', { 'content-type': 'application/json; charset=utf-8' }],
    ['of another type', { 'content-type': 'text/plain' }],
    ['of almost that type', { 'content-type': 'application/jsonx' }],
    ['that says it is compressed', { 'content-encoding': 'gzip' }],
  ])('%s', async (_, headers) => {
    await expectSame(json, { authorization, accept: 'application/json', ...headers });
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['that is empty', ''],
    ['that is no JSON', '{'],
    ['that is no object', '"{ viewer { id } }"'],
    ['that is null', 'null'],
    ['that is a list', `[${json}]`],
    ['that begins with a byte order mark', `\ufeff${json}`],
    [
      'that is no UTF-8',
      Buffer.concat([Buffer.from('{"query":"{ viewer { id } } #'), Buffer.from([0xff]), Buffer.from('"}')]),
    ],
    ['with a parameter too many', JSON.stringify({ ...QUERY, more: 1 })],
    ['with a parameter too many that is null', JSON.stringify({ ...QUERY, more: null })],
    ['with a query that is no text', JSON.stringify({ query: 1 })],
    ['with variables that are a list', JSON.stringify({ ...QUERY, variables: [] })],
    ['with variables that are a text', JSON.stringify({ ...QUERY, variables: 'x' })],
    ['with extensions that are a text', JSON.stringify({ ...QUERY, extensions: 'x' })],
    ['with an operation name that is no text', JSON.stringify({ ...QUERY, operationName: 1 })],
    ['with an operation name that is empty', JSON.stringify({ ...QUERY, operationName: '' })],
    [
      'with everything null',
      JSON.stringify({ ...QUERY, variables: null, operationName: null, extensions: null }),
    ],
    ['for a listed operation that is not there', JSON.stringify({ documentId: 'sha256:00' })],
    ['for a subscription', JSON.stringify({ query: 'subscription { inbox { cursor } nothing }' })],
    ['that is too large', JSON.stringify({ ...QUERY, variables: { more: 'x'.repeat(2_000_000) } })],
  ])('%s', async (_, body) => {
    await expectSame(body, { authorization, accept: 'application/json' });
  });
});

test('an id that a proxy has given goes with the answer of the short way, too', async () => {
  const headers = { 'content-type': 'application/json', authorization, 'x-request-id': 'proxy-1' };
  for (let i = 0; i < 3; i++) {
    const response = await fetch(world.fast.url, { method: 'POST', body: JSON.stringify(QUERY), headers });
    expect(response.headers.get('x-request-id')).toBe('proxy-1');
  }
});

test('who comes for the first time takes the short way, too', async () => {
  const accept = 'application/graphql-response+json';
  await expectSame(JSON.stringify(QUERY), { authorization, accept });
  await createUsers(world.fast.pool, 'erin');
  const before = await directPosts();
  const { viewer } = await new TestClient(world.fast.url, 'erin').data(QUERY.query);
  expect(viewer.username).toBe('erin');
  expect((await directPosts()) - before).toBe(1);
});
