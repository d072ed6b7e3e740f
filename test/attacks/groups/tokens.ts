import { createHmac, generateKeyPairSync } from 'node:crypto';
import { exportSPKI, SignJWT } from 'jose';
import { TEST_SECRET } from '../../support/server.ts';
import { type Attack, each, type Group } from '../attack.ts';
import { MALLORY, WHO } from '../operations.ts';
import { AUDIENCE, ISSUER, sign } from '../people.ts';
import { ask } from '../senders/http.ts';
import { open } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const REFUSED = '401 UNAUTHENTICATED';
const ME = `200 ${MALLORY}`;
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const SUBS = [
  7,
  ['alice'],
  { toString: 'alice' },
  true,
  null,
  '',
  'a\0',
  '\ud83d',
  'x'.repeat(256),
  `alice' or '1'='1`,
  'ALICE',
  'alice ',
  '%',
  '__proto__',
];

const ADMINS = [
  { role: ['admin'] },
  { role: 'Admin' },
  { role: 'admin ' },
  { role: true },
  { role: { admin: true } },
  { role: 'user,admin' },
  { role: null },
  { roles: ['admin'], scope: 'admin', admin: true },
  JSON.parse('{"__proto__":{"role":"admin"}}'),
];

const COUNT =
  '{ messageReport(since: "2020-01-01T00:00:00Z", until: "2020-01-02T00:00:00Z", interval: DAY) { messages } }';

/** A token made by hand, signed with HS256 under any key. */
function forge(header: object, claims: object, key: string | Buffer | null = TEST_SECRET): string {
  const signed = `${encode(header)}.${encode({ exp: inAnHour(), ...claims })}`;
  const signature = key === null ? '' : createHmac('sha256', key).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

const HS256 = { alg: 'HS256', typ: 'JWT' };
const asAlice = { sub: 'alice' };

const withToken = (
  name: string,
  token: (target: Target) => string | Promise<string>,
  expected: string | readonly string[] = REFUSED,
): Attack => ({
  name,
  send: async (target) => ask(target, WHO, {}, { token: await token(target) }),
  expected,
});

const withClaims = (name: string, claims: object, expected: string | readonly string[] = REFUSED) =>
  withToken(name, () => forge(HS256, claims), expected);

/** Keys that only the attacker has. */
const evil = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function signEvil(header: object): Promise<string> {
  return new SignJWT(asAlice)
    .setProtectedHeader({ alg: 'ES256', ...header })
    .setExpirationTime('1h')
    .sign(evil.privateKey);
}

/** A token whose header says by which key it should be checked. */
const pointing = (name: string, header: (target: Target) => object): Attack => ({
  name,
  async send(target) {
    const before = target.evil.fetches;
    const answer = await ask(target, WHO, {}, { token: await signEvil(header(target)) });
    return `${answer}, ${target.evil.fetches === before ? 'not looked up' : 'looked up there'}`;
  },
  expected: `${REFUSED}, not looked up`,
});

export const tokens: Group = {
  name: 'tokens',
  attacks: [
    each(
      'unsigned, by the algorithm none',
      ['none', 'None', 'NONE', 'nOnE', ''],
      (t, alg) => ask(t, WHO, {}, { token: forge({ ...HS256, alg }, asAlice, null) }),
      REFUSED,
    ),
    withToken('HS256 without a signature', () => forge(HS256, asAlice, null)),
    withToken('HS256 with the public RSA key as its secret', async (t) =>
      forge({ ...HS256, kid: 'key-RS256' }, asAlice, await exportSPKI(t.issuer.publicKey('RS256'))),
    ),
    withToken('HS256 with an empty secret', () => forge(HS256, asAlice, '')),
    withToken('HS512 under the right secret', () => forge({ ...HS256, alg: 'HS512' }, asAlice)),
    withToken('the signature of another token', async () => {
      const [header, , signature] = (await sign('mallory')).split('.');
      return `${header}.${encode({ sub: 'alice', exp: inAnHour() })}.${signature}`;
    }),
    withToken('the issuer’s own signature, as HS256', async (t) => {
      const [, claims, signature] = (await t.issuer.sign('RS256', asAlice)).split('.');
      return `${encode(HS256)}.${claims}.${signature}`;
    }),
    withToken('expired', () => sign('mallory', { ttl: '-1s' })),
    withClaims('not yet valid', { sub: 'mallory', nbf: inAnHour() }),
    withClaims('exp as a text', { sub: 'mallory', exp: '9999999999' }),
    withClaims('exp: 1e308', { sub: 'mallory', exp: 1e308 }, ME),
    withClaims('nbf as an object', { sub: 'mallory', nbf: {} }),
    {
      ...withToken('another issuer', () => sign('mallory', { issuer: 'https://evil.test' })),
      on: 'production',
    },
    { ...withToken('no issuer', () => sign('mallory', { issuer: null })), on: 'production' },
    { ...withToken('another audience', () => sign('mallory', { audience: 'other' })), on: 'production' },
    {
      ...withClaims('several audiences, none of them this', { sub: 'mallory', iss: ISSUER, aud: ['a', 'b'] }),
      on: 'production',
    },
    {
      ...withClaims(
        'several audiences, one of them this',
        { sub: 'mallory', iss: ISSUER, aud: ['a', AUDIENCE] },
        ME,
      ),
      on: 'production',
    },
    {
      ...withClaims('an issuer in an array', { sub: 'mallory', iss: [ISSUER], aud: AUDIENCE }),
      on: 'production',
    },
    withClaims('no sub', {}),
    each<unknown>(
      'a sub that is nobody’s',
      SUBS,
      (t, sub) => ask(t, WHO, {}, { token: forge(HS256, { sub }) }),
      REFUSED,
    ),
    withToken('a kid that is a path, and an empty key', () =>
      forge({ ...HS256, kid: '../../../../dev/null' }, asAlice, ''),
    ),
    withToken('a kid with SQL', () => forge({ ...HS256, kid: "x' union select 'k" }, asAlice, 'k')),
    pointing('jku to the attacker’s keys', (t) => ({ jku: t.evil.jwksUrl, kid: 'evil' })),
    pointing('x5u to the attacker’s certificate', (t) => ({ x5u: t.evil.jwksUrl, kid: 'key-ES256' })),
    pointing('a key in the header itself', () => ({ jwk: evil.publicKey.export({ format: 'jwk' }) })),
    pointing('the kid of the issuer’s key', () => ({ kid: 'key-ES256' })),
    withToken('a critical header that is unknown', () =>
      forge({ ...HS256, crit: ['evil'], evil: 1 }, asAlice),
    ),
    withToken('a header with b64: false', () => forge({ ...HS256, crit: ['b64'], b64: false }, asAlice)),
    withToken('an encrypted token (JWE)', () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..aaaa.bbbb.cccc`),
    withToken('a header that is no object', () => `${encode([1])}.${encode(asAlice)}.x`),
    withToken('a payload that is no JSON', () => `${encode(HS256)}.eHg.x`),
    withToken('only dots', () => '...'),
    withToken('10 kB', () => 'a'.repeat(10_000)),
    withToken('1 MB', () => 'a'.repeat(1_000_000), ['431', 'cut']),
    withToken(
      '1 MB of claims, well signed',
      () => forge(HS256, { sub: 'mallory', junk: 'x'.repeat(1_000_000) }),
      ['431', 'cut'],
    ),
    {
      name: '1 MB on a socket',
      send: (t) => open(t, { params: { authorization: `Bearer ${'a'.repeat(1_000_000)}` } }),
      expected: 'closed 1009',
    },
    {
      name: '100 unknown kids, each of which would ask the issuer for its keys again',
      async send(target) {
        const before = target.issuer.fetches;
        for (let i = 0; i < 100; i++) await ask(target, WHO, {}, { token: await signEvil({ kid: `k${i}` }) });
        return target.issuer.fetches - before <= 2
          ? 'asked at most twice'
          : `asked ${target.issuer.fetches - before} times`;
      },
      expected: 'asked at most twice',
    },
    each<object>(
      'claims that are nearly an administrator’s',
      ADMINS,
      (t, claims) => ask(t, COUNT, {}, { token: forge(HS256, { sub: 'mallory', ...claims }) }),
      '200 FORBIDDEN',
    ),
  ],
};
