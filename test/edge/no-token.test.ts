import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GraphQLObjectType, getIntrospectionQuery, OperationTypeNode } from 'graphql';
import { WebSocket } from 'ws';
import { schema } from '../../src/schema/schema.ts';
import { TestClient } from '../support/client.ts';
import { minimalOperation } from '../support/minimal-operation.ts';
import { createUsers, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

let server: TestServer;
let stranger: TestClient;

beforeAll(async () => {
  server = await startTestServer();
  stranger = new TestClient(server.url, null);
  await createUsers(server.pool, 'ann');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Of the schema as it is, so that a new field is in here from its first day. */
const ROOT_FIELDS = Object.values(OperationTypeNode).flatMap((type) =>
  Object.values((schema.getRootType(type) as GraphQLObjectType).getFields()).map(
    (field) => [`${type} ${field.name}`, minimalOperation(type, field)] as const,
  ),
);

describe('without a token', () => {
  test('the schema can be read', async () => {
    const { data, errors } = await stranger.ask(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(data.__schema.types.length).toBeGreaterThan(10);
  });

  test('__typename is answered, for a query and a mutation', async () => {
    expect(await stranger.ask('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    expect(await stranger.ask('mutation { __typename }')).toEqual({ data: { __typename: 'Mutation' } });
  });

  test.each(ROOT_FIELDS)('%s is UNAUTHENTICATED', async (_name, operation) => {
    const response = await stranger.post(
      { query: operation },
      { accept: 'application/json, text/event-stream' },
    );
    const text = await response.text();
    const body = JSON.parse(text.match(/^data: (.+)$/m)?.[1] ?? text);
    expect(response.status).toBe(200);
    expect(body.errors.map(({ extensions }: { extensions: unknown }) => extensions)).toEqual([
      { code: 'UNAUTHENTICATED' },
    ]);
    expect(Object.values(body.data ?? {}).filter((value) => value !== null)).toEqual([]);
  });

  test('a field that exists is refused like an unknown person is: nothing of what is behind it shows', async () => {
    const [known, unknown] = await Promise.all(
      ['ann', 'nobody'].map((name) => stranger.ask(`{ user(username: "${name}") { id } }`)),
    );
    expect(known).toEqual(unknown);
  });

  test('a mutation writes nothing', async () => {
    const receiverId = await new TestClient(server.url, 'ann').idOf('ann');
    const { errors } = await stranger.ask(
      `mutation { sendMessage(input: { receiverId: "${receiverId}", messageText: "x" }) { message { id } } }`,
    );
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const { rows } = await server.pool.query('SELECT count(*)::int FROM messages');
    expect(rows).toEqual([{ count: 0 }]);
  });
});

/** Opens a socket, says `connection_init` with this payload. @returns what it is answered, or its close code. */
function connect(payload: unknown): Promise<unknown> {
  const socket = new WebSocket(server.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
    socket.once('message', (message) => {
      resolve(JSON.parse(String(message)));
      socket.terminate();
    });
    socket.once('close', (code) => resolve(code));
  });
}

describe('a socket', () => {
  test('with a good token is acknowledged', async () => {
    expect(await connect({ authorization: `Bearer ${await tokenOf('ann')}` })).toEqual({
      type: 'connection_ack',
    });
  });

  test.each([
    ['without connection parameters', undefined],
    ['with empty ones', {}],
    ['with an authorization of null', { authorization: null }],
    ['with an authorization that is no text', { authorization: { token: 'x' } }],
    ['with an empty authorization', { authorization: '' }],
    ['with another scheme', { authorization: 'Basic YTpi' }],
    ['with garbage', { authorization: 'Bearer a.b.c' }],
  ])('%s is closed with 4403', async (_name, payload) => {
    expect(await connect(payload)).toBe(4403);
  });

  test.each([
    ['expired', { ttl: '-1s' }],
    ['signed with another secret', { secret: 'another secret, of at least 32 characters' }],
  ])('with a token that is %s is closed with 4403', async (_name, options) => {
    expect(await connect({ authorization: `Bearer ${await tokenOf('ann', options)}` })).toBe(4403);
  });

  test('of a user who does not exist is closed with 4403', async () => {
    expect(await connect({ authorization: `Bearer ${await tokenOf('nobody')}` })).toBe(4403);
  });
});
