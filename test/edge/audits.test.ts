import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

// https://graphql.github.io/graphql-over-http/draft/
const AUDITS = serverAudits({ url: () => server.url });

test('the audits of graphql-http are all there', () => {
  expect(AUDITS).toHaveLength(61);
});

describe('GraphQL over HTTP: the server', () => {
  test.each(AUDITS.map((audit) => [audit.name, audit.id, audit.fn] as const))(
    '%s (%s)',
    async (_name, _id, run) => {
      const result = await run();
      if (result.status !== 'ok') throw new Error(`${result.reason}\n${await result.response.text()}`);
    },
  );
});
