import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { TestClient } from '../support/client.ts';
import { createPeople } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { overSocket } from '../support/transports.ts';

let server: TestServer;
let alice: TestClient;
beforeAll(async () => {
  server = await startTestServer({ environment: { NODE_ENV: 'production' } });
  alice = (await createPeople(server, 'alice'))[0].client;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const PROBES = [
  getIntrospectionQuery(),
  '{ __type(name: "User") { name } }',
  '{ ...F } fragment F on Query { __schema { types { name } } }',
];

describe('in production', () => {
  test.each(PROBES)('the schema cannot be read: %#', async (query) => {
    const nobody = new TestClient(server.url, null);
    for (const client of [alice, nobody]) {
      const response = await client.post({ query });
      const answer = await response.json();
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      expect(answer).not.toHaveProperty('data');
      expect(response.status).toBe(400);
    }
    const socket = await alice.socket();
    expect((await overSocket(socket)({ query })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await socket.dispose();
  });

  test('__typename is answered', async () => {
    expect(await new TestClient(server.url, null).ask('{ __typename }')).toEqual({
      data: { __typename: 'Query' },
    });
  });

  test.each([
    '{ viewr { id } }',
    '{ viewer { usrname } }',
    '{ user(usernam: "x") { id } }',
    '{ viewer { ... on Usr { id } } }',
    '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z", interval: HOR) { since } }',
    'query ($i: ReportIntervl!) { viewer { id } }',
  ])('a guess is not told what it should have been: %s', async (query) => {
    const { errors } = await alice.ask(query);
    expect(errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
  });

  test('nor is a guess in the value of a variable', async () => {
    const query = `query ($i: ReportInterval!) {
      messageReport(since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z", interval: $i) { since } }`;
    const { errors } = await alice.ask(query, { i: 'HOR' });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
  });

  test('there is no GraphiQL', async () => {
    const response = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(await response.text()).not.toMatch(/graphiql/i);
    expect(response.status).not.toBe(200);
  });
});

test('outside of production both can be seen, and either can be set', async () => {
  await using open = await startTestServer({ database: server });
  expect(
    (await new TestClient(open.url, null).ask('{ __schema { queryType { name } } }')).errors,
  ).toBeUndefined();
  expect(JSON.stringify(await new TestClient(open.url, null).ask('{ viewr { id } }'))).toContain('viewer');

  await using shown = await startTestServer({
    database: server,
    environment: { NODE_ENV: 'production', INTROSPECTION: 'on' },
  });
  expect(
    (await new TestClient(shown.url, null).ask('{ __schema { queryType { name } } }')).errors,
  ).toBeUndefined();

  await using hidden = await startTestServer({ database: server, environment: { INTROSPECTION: 'off' } });
  expect(
    (await new TestClient(hidden.url, null).ask('{ __schema { queryType { name } } }')).errors,
  ).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});
