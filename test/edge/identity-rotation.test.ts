import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { createUsers, startTestServer, type TestServer } from '../support/server.ts';
import { ask } from '../support/token-holder.ts';
import { WallClock } from '../support/wall-clock.ts';

const MINUTE_MS = 60_000;
const DAY_S = 86_400;

let database: TestServer;
let issuer: Issuer;
let server: TestServer | undefined;
beforeAll(async () => {
  database = await startTestServer();
  await createUsers(database.pool, 'ann');
});
beforeEach(async () => {
  issuer = await startIssuer(['ES256']);
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** A node that goes by this issuer's keys. */
async function start(environment: Record<string, string> = {}): Promise<void> {
  const keys = { AUTH_JWKS_URL: issuer.jwksUrl, AUTH_JWT_SECRET: '' };
  server = await startTestServer({ database, environment: { ...keys, ...environment } });
}

/** Ann's token, signed with this key; it outlasts every jump of the clock here. */
async function tokenOf(kid: string): Promise<string> {
  return `Bearer ${await issuer.sign('ES256', { sub: 'ann', exp: Math.floor(Date.now() / 1_000) + DAY_S }, kid)}`;
}

const statusOf = async (token: string) => (await ask(server?.url ?? '', token)).status;

describe('a new key', () => {
  test('is used as soon as its issuer shows it', async () => {
    await start({ AUTH_JWKS_COOLDOWN_MS: '100' });
    expect(await statusOf(await tokenOf('key-ES256'))).toBe(200);
    await issuer.addKey('ES256', 'new', 'secret');
    const token = await tokenOf('new');
    await eventually(async () => {
      expect(await statusOf(token)).toBe(401);
      expect(issuer.fetches).toBeGreaterThan(1);
    });
    issuer.publish('new');
    await eventually(async () => expect(await statusOf(token)).toBe(200));
    expect(await statusOf(await tokenOf('key-ES256'))).toBe(200);
  });

  test('needs one fetch, however many bring it at once', async () => {
    await start();
    using clock = new WallClock();
    expect(await statusOf(await tokenOf('key-ES256'))).toBe(200);
    clock.jump(MINUTE_MS);
    await issuer.addKey('ES256', 'new');
    const token = await tokenOf('new');
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => statusOf(token))))).toEqual(
      new Set([200]),
    );
    expect(issuer.fetches).toBe(2);
  });

  test('that exists nowhere makes no more than one fetch in the cooldown, whoever asks how often', async () => {
    await start();
    using clock = new WallClock();
    const known = await tokenOf('key-ES256');
    const unknown = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await issuer.addKey('ES256', `stray-${i}`, 'secret');
        return tokenOf(`stray-${i}`);
      }),
    );
    for (let round = 1; round <= 3; round++) {
      for (const each of unknown) expect(await statusOf(each)).toBe(401);
      expect(new Set(await Promise.all(unknown.map(statusOf)))).toEqual(new Set([401]));
      expect(await statusOf(known)).toBe(200);
      expect(issuer.fetches).toBe(round);
      clock.jump(MINUTE_MS);
    }
  });

  test('that has to be asked for keeps nobody waiting who brings a known one', async () => {
    await start({ AUTH_JWKS_TIMEOUT_MS: '1000' });
    using clock = new WallClock();
    const known = await tokenOf('key-ES256');
    expect(await statusOf(known)).toBe(200);
    clock.jump(MINUTE_MS);
    issuer.answer('never');
    await issuer.addKey('ES256', 'new', 'secret');
    let answered = false;
    const asked = statusOf(await tokenOf('new')).finally(() => {
      answered = true;
    });
    await eventually(() => issuer.fetches === 2);
    for (let i = 0; i < 5; i++) expect(await statusOf(known)).toBe(200);
    expect(answered).toBe(false);
    // It may be a good one: nobody could tell.
    expect(await asked).toBe(503);
  });
});

describe('a key that its issuer has removed', () => {
  test('is refused at the latest when the keys are as old as they may get', async () => {
    await start({ AUTH_JWKS_MAX_AGE_MS: '1000', AUTH_JWKS_COOLDOWN_MS: '100' });
    const token = await tokenOf('key-ES256');
    expect(await statusOf(token)).toBe(200);
    issuer.withdraw('key-ES256');
    await eventually(async () => expect(await statusOf(token)).toBe(401), { withinMs: 2_500 });
  });

  test('is not accepted even once by a node that nobody has asked anything meanwhile', async () => {
    await start();
    using clock = new WallClock();
    const token = await tokenOf('key-ES256');
    expect(await statusOf(token)).toBe(200);
    issuer.withdraw('key-ES256');
    clock.jump(11 * MINUTE_MS);
    expect(await statusOf(token)).toBe(401);
  });

  test('is refused no later where the clock is set back', async () => {
    await start({ AUTH_JWKS_MAX_AGE_MS: '1000', AUTH_JWKS_COOLDOWN_MS: '100' });
    using clock = new WallClock();
    const token = await tokenOf('key-ES256');
    expect(await statusOf(token)).toBe(200);
    issuer.withdraw('key-ES256');
    clock.jump(-60 * MINUTE_MS);
    await eventually(async () => expect(await statusOf(token)).toBe(401), { withinMs: 2_500 });
  });
});

test('keys are fetched anew before they are too old, and nobody waits for that', async () => {
  await start();
  using clock = new WallClock();
  const token = await tokenOf('key-ES256');
  expect(await statusOf(token)).toBe(200);
  issuer.answer('never');
  clock.jump(6 * MINUTE_MS);
  const since = performance.now();
  expect(await statusOf(token)).toBe(200);
  expect(performance.now() - since).toBeLessThan(2_000);
  await eventually(() => issuer.fetches === 2);
});

describe('while the issuer does not answer', () => {
  test('known keys are used for an hour, then tokens are UNAVAILABLE, and all is well when it is back', async () => {
    await start();
    using clock = new WallClock();
    const token = await tokenOf('key-ES256');
    expect(await statusOf(token)).toBe(200);
    issuer.answer(500);
    for (let minutes = 0; minutes < 59; minutes++) {
      expect(await statusOf(token)).toBe(200);
      clock.jump(MINUTE_MS);
    }
    expect(issuer.fetches).toBeGreaterThan(1);
    expect(issuer.fetches).toBeLessThan(60);
    clock.jump(MINUTE_MS);
    expect(await statusOf(token)).toBe(503);

    issuer.answer(null);
    clock.jump(MINUTE_MS);
    expect(await statusOf(token)).toBe(200);
  });

  test('only those wait who find it out, and no longer than a fetch may take', async () => {
    await start({ AUTH_JWKS_TIMEOUT_MS: '1000' });
    using clock = new WallClock();
    const token = await tokenOf('key-ES256');
    expect(await statusOf(token)).toBe(200);
    issuer.answer('never');
    clock.jump(11 * MINUTE_MS);
    const since = performance.now();
    expect(await statusOf(token)).toBe(200);
    const first = performance.now() - since;
    expect(first).toBeGreaterThan(900);
    for (let i = 0; i < 10; i++) {
      clock.jump(MINUTE_MS);
      expect(await statusOf(token)).toBe(200);
    }
    // Ten waits would have taken ten times as long.
    expect(performance.now() - since - first).toBeLessThan(3 * first);
  });

  test('a node without keys says so after a fetch, and until the next may be made without one', async () => {
    await start({ AUTH_JWKS_TIMEOUT_MS: '500' });
    using clock = new WallClock();
    issuer.answer('never');
    const token = await tokenOf('key-ES256');
    expect(await Promise.all(Array.from({ length: 10 }, () => statusOf(token)))).toEqual(
      Array.from({ length: 10 }, () => 503),
    );
    for (let i = 0; i < 10; i++) expect(await statusOf(token)).toBe(503);
    expect(issuer.fetches).toBe(1);
    issuer.answer(null);
    clock.jump(MINUTE_MS);
    expect(await statusOf(token)).toBe(200);
  });
});

describe('an issuer that names no keys', () => {
  test('may exchange them: tokens of both are accepted, and those of a third are not', async () => {
    issuer.withdraw('key-ES256');
    for (const kid of ['old', 'new', 'third']) await issuer.addKey('ES256', kid, 'without an id');
    issuer.withdraw('third');
    await start();
    expect(await statusOf(await tokenOf('old'))).toBe(200);
    expect(await statusOf(await tokenOf('new'))).toBe(200);
    expect(await statusOf(await tokenOf('third'))).toBe(401);
    const expired = await issuer.sign(
      'ES256',
      { sub: 'ann', exp: Math.floor(Date.now() / 1_000) - 1 },
      'new',
    );
    const { status, body } = await ask(server?.url ?? '', `Bearer ${expired}`);
    expect([status, body.errors?.[0]?.message]).toEqual([401, 'The token has expired.']);
  });
});
