import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createUsers, startTestServer, TEST_SECRET, type TestServer, tokenOf } from '../support/server.ts';
import { ask, refusedTo } from '../support/token-holder.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await createUsers(server.pool, 'ann', 'ben');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const key = new TextEncoder().encode(TEST_SECRET);
const hs256 = (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key);
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** A good token with its payload exchanged: what an attacker can do who holds a token of their own. */
async function withAnotherSub(sub: string): Promise<string> {
  const [header, , signature] = (await tokenOf('ben')).split('.');
  const payload = Buffer.from(JSON.stringify({ sub, exp: inSeconds(60) })).toString('base64url');
  return [header, payload, signature].join('.');
}

describe('a token that is accepted', () => {
  const ACCEPTED: [string, () => Promise<string>][] = [
    ['signed with the secret', async () => `Bearer ${await tokenOf('ann')}`],
    ['without an end', async () => `Bearer ${await hs256({ sub: 'ann' })}`],
    ['with the scheme in lower case', async () => `bearer ${await tokenOf('ann')}`],
    [
      'valid and issued in some seconds, for clocks differ',
      async () => `Bearer ${await hs256({ sub: 'ann', nbf: inSeconds(25), iat: inSeconds(25) })}`,
    ],
    [
      'with claims that nobody asked for',
      async () => `Bearer ${await hs256({ sub: 'ann', scope: 'x', iss: 'y' })}`,
    ],
  ];

  test.each(ACCEPTED)('%s', async (_name, authorization) => {
    const { status, body } = await ask(server.url, await authorization());
    expect(body).toEqual({ data: { viewer: { username: 'ann' } } });
    expect(status).toBe(200);
  });
});

describe('a token that is refused with 401', () => {
  const REFUSED: [string, () => Promise<string>][] = [
    ['expired', async () => `Bearer ${await hs256({ sub: 'ann', exp: inSeconds(-1) })}`],
    ['that expires just now', async () => `Bearer ${await hs256({ sub: 'ann', exp: inSeconds(0) })}`],
    ['issued in a minute', async () => `Bearer ${await hs256({ sub: 'ann', iat: inSeconds(60) })}`],
    ['with a text for the time of its end', async () => `Bearer ${await hs256({ sub: 'ann', exp: '2099' })}`],
    ['not valid yet', async () => `Bearer ${await hs256({ sub: 'ann', nbf: inSeconds(60) })}`],
    [
      'signed with another secret',
      async () => `Bearer ${await tokenOf('ann', { secret: `another ${TEST_SECRET}` })}`,
    ],
    ['with a payload that was exchanged', async () => `Bearer ${await withAnotherSub('ann')}`],
    ['without its signature', async () => `Bearer ${(await tokenOf('ann')).replace(/[^.]*$/, '')}`],
    ['alg: none', async () => `Bearer ${new UnsecuredJWT({ sub: 'ann' }).encode()}`],
    [
      'HS512 with the right secret',
      async () =>
        `Bearer ${await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS512' }).sign(key)}`,
    ],
    ['without a sub', async () => `Bearer ${await hs256({ role: 'admin' })}`],
    ['with an empty sub', async () => `Bearer ${await hs256({ sub: '' })}`],
    ['with a number for a sub', async () => `Bearer ${await hs256({ sub: 1 })}`],
    ['with a list for a sub', async () => `Bearer ${await hs256({ sub: ['ann'] })}`],
    ['with a sub that is too long', async () => `Bearer ${await hs256({ sub: 'a'.repeat(3_000) })}`],
    ['with a sub that PostgreSQL cannot hold', async () => `Bearer ${await hs256({ sub: 'a\0b' })}`],
    ['with a sub that is nobody', async () => `Bearer ${await tokenOf('nobody')}`],
    ['with a sub in other letters', async () => `Bearer ${await tokenOf('ANN')}`],
    ['under another scheme', async () => `Basic ${Buffer.from('ann:secret').toString('base64')}`],
    ['without a scheme', () => tokenOf('ann')],
    ['with nothing after the scheme', async () => 'Bearer '],
    ['with two tokens', async () => `Bearer ${await tokenOf('ann')} ${await tokenOf('ann')}`],
    ['that is no JWT', async () => 'Bearer a.b.c'],
    ['that is one dot', async () => 'Bearer .'],
    ['of valid base64 and no JSON', async () => 'Bearer AAAA.AAAA.AAAA'],
    ['whose header is null', async () => `Bearer ${Buffer.from('null').toString('base64url')}.e30.`],
    ['that is very long', async () => `Bearer ${'a'.repeat(10_000)}`],
  ];

  test.each(REFUSED)('%s', async (_name, authorization) => {
    expect(await refusedTo(server.url, await authorization())).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
      challenge: 'Bearer error="invalid_token"',
    });
  });

  test('and neither introspection nor __typename is answered with it', async () => {
    const { status, body } = await ask(
      server.url,
      'Bearer a.b.c',
      '{ __typename __schema { queryType { name } } }',
    );
    expect({ status, data: body.data }).toEqual({ status: 401, data: undefined });
  });

  test('and no part of it comes back', async () => {
    const token = await tokenOf('ann', { secret: `another ${TEST_SECRET}` });
    const { body } = await ask(server.url, `Bearer ${token}`);
    expect(JSON.stringify(body)).not.toContain(token.split('.')[1]);
  });
});

test.each(['nbf', 'iat'])('without a clock skew no %s may lie in the future', async (claim) => {
  const strict = await startTestServer({ database: server, environment: { AUTH_CLOCK_SKEW_MS: '0' } });
  try {
    const refusal = await refusedTo(
      strict.url,
      `Bearer ${await hs256({ sub: 'ann', [claim]: inSeconds(25) })}`,
    );
    expect(refusal).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  } finally {
    await strict[Symbol.asyncDispose]();
  }
});

describe('the role admin', () => {
  const REPORT =
    '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z", interval: DAY) { __typename } }';

  test('opens the reports', async () => {
    const { body } = await ask(server.url, `Bearer ${await tokenOf('ann', { admin: true })}`, REPORT);
    expect(body.errors).toBeUndefined();
    expect(body.data.messageReport).toEqual([]);
  });

  test.each([
    ['is missing', {}],
    ['is another one', { role: 'user' }],
    ['is written in other letters', { role: 'Admin' }],
    ['is in a list', { role: ['admin'] }],
    ['is under another name', { roles: 'admin' }],
  ])('is needed for them: they are FORBIDDEN where it %s', async (_name, claims) => {
    const { body } = await ask(server.url, `Bearer ${await hs256({ sub: 'ann', ...claims })}`, REPORT);
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('issuer and audience', () => {
  let strict: TestServer;

  beforeAll(async () => {
    const environment = { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'parley' };
    strict = await startTestServer({ database: server, environment });
  });
  afterAll(async () => {
    await strict[Symbol.asyncDispose]();
  });

  const RIGHT = { issuer: 'https://issuer.example', audience: 'parley' };

  test('are accepted when both are the named ones', async () => {
    const { body } = await ask(strict.url, `Bearer ${await tokenOf('ann', RIGHT)}`);
    expect(body.data).toEqual({ viewer: { username: 'ann' } });
  });

  test('are accepted when the audience is one of several', async () => {
    const token = await hs256({ sub: 'ann', iss: RIGHT.issuer, aud: ['other', 'parley'] });
    expect((await ask(strict.url, `Bearer ${token}`)).status).toBe(200);
  });

  test.each([
    ['no issuer', { ...RIGHT, issuer: null }],
    ['another issuer', { ...RIGHT, issuer: 'https://issuer.example.evil' }],
    ['no audience', { ...RIGHT, audience: null }],
    ['another audience', { ...RIGHT, audience: 'parley2' }],
  ])('are refused with %s', async (_name, claims) => {
    const refusal = await refusedTo(strict.url, `Bearer ${await tokenOf('ann', claims)}`);
    expect(refusal).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });
});
