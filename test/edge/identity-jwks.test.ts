import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { eventually } from '../support/eventually.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { createUsers, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { ask, refusedTo } from '../support/token-holder.ts';

let issuer: Issuer;
let database: TestServer;
const servers: TestServer[] = [];

/** A node that has fetched no keys yet, and has no secret of its own unless it is given one. */
async function startNode(environment: Record<string, string> = { AUTH_JWT_SECRET: '' }): Promise<string> {
  const node = await startTestServer({
    database,
    environment: { AUTH_JWKS_URL: issuer.jwksUrl, AUTH_JWKS_COOLDOWN_MS: '100', ...environment },
  });
  servers.push(node);
  return node.url;
}

beforeAll(async () => {
  issuer = await startIssuer();
  database = await startTestServer();
  await createUsers(database.pool, 'ann');
});
afterEach(async () => {
  issuer.answer(null);
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const ANN = { data: { viewer: { username: 'ann' } } };

describe("an issuer's keys", () => {
  test.each(['RS256', 'ES256', 'EdDSA'] as const)('check tokens signed with %s', async (algorithm) => {
    const url = await startNode();
    const { body } = await ask(url, `Bearer ${await issuer.sign(algorithm, { sub: 'ann' })}`);
    expect(body).toEqual(ANN);
  });

  test('and a secret serve side by side', async () => {
    const url = await startNode({});
    expect((await ask(url, `Bearer ${await tokenOf('ann')}`)).body).toEqual(ANN);
    expect((await ask(url, `Bearer ${await issuer.sign('ES256', { sub: 'ann' })}`)).body).toEqual(ANN);
  });

  test("refuse a stranger's signature under their own name", async () => {
    const stranger = await startIssuer();
    try {
      const token = await stranger.sign('RS256', { sub: 'ann' });
      expect(await refusedTo(await startNode(), `Bearer ${token}`)).toMatchObject({ status: 401 });
    } finally {
      await stranger[Symbol.asyncDispose]();
    }
  });

  test('refuse the name of a key that they are not', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg: 'ES256', kid: 'unknown' })
      .sign(privateKey);
    expect(await refusedTo(await startNode(), `Bearer ${token}`)).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  test.each([
    ['alone', { AUTH_JWT_SECRET: '' }],
    ['beside a secret', {}],
  ])('refuse HS256 made from a public key, %s (algorithm confusion)', async (_name, environment) => {
    const url = await startNode(environment);
    const published = new TextEncoder().encode(await exportSPKI(issuer.publicKey('RS256')));
    const token = await new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-RS256' })
      .sign(published);
    expect(await refusedTo(url, `Bearer ${token}`)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  test('refuse a token under the secret of another server', async () => {
    expect(await refusedTo(await startNode(), `Bearer ${await tokenOf('ann')}`)).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });
});

describe('keys that cannot be had', () => {
  const BROKEN: [string, number, string][] = [
    ['an error', 500, ''],
    ['a page that is no JSON', 200, '<html>'],
    ['JSON that is no key set', 200, '{"keys": 1}'],
    ['a redirect', 302, ''],
  ];

  test.each(BROKEN)(
    'for %s are UNAVAILABLE, which no client takes for a bad token',
    async (_name, status, body) => {
      issuer.answer(status, body);
      const url = await startNode();
      const token = `Bearer ${await issuer.sign('RS256', { sub: 'ann' })}`;
      expect(await refusedTo(url, token)).toEqual({ status: 503, code: 'UNAVAILABLE', challenge: null });

      issuer.answer(null);
      await eventually(async () => expect((await ask(url, token)).body).toEqual(ANN));
    },
  );

  test('because nobody listens are UNAVAILABLE, and the server goes on', async () => {
    const gone = await startIssuer();
    const token = `Bearer ${await gone.sign('RS256', { sub: 'ann' })}`;
    await gone[Symbol.asyncDispose]();
    const url = await startNode({ AUTH_JWKS_URL: gone.jwksUrl });

    expect(await refusedTo(url, token)).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    expect((await ask(url, `Bearer ${await tokenOf('ann')}`)).body).toEqual(ANN);
  });
});
