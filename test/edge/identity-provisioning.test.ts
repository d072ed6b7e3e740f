import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { createUsers, startTestServer, TEST_SECRET, type TestServer } from '../support/server.ts';
import { ask } from '../support/token-holder.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ environment: { AUTH_PROVISION_USERS: 'true' } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function bearer(claims: Record<string, unknown>): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h');
  return token.sign(new TextEncoder().encode(TEST_SECRET)).then((signed) => `Bearer ${signed}`);
}

async function usernameFor(claims: Record<string, unknown>): Promise<string> {
  const { body } = await ask(server.url, await bearer(claims));
  expect(body.errors).toBeUndefined();
  return body.data.viewer.username;
}

async function usersOf(sub: string): Promise<string[]> {
  const { rows } = await server.pool.query('SELECT username FROM users WHERE external_id = $1', [sub]);
  return rows.map(({ username }) => username);
}

test('an unknown sub becomes a user, under its preferred name', async () => {
  expect(await usersOf('auth0|1')).toEqual([]);
  expect(await usernameFor({ sub: 'auth0|1', preferred_username: 'ann' })).toBe('ann');
  expect(await usersOf('auth0|1')).toEqual(['ann']);
});

test('twenty first requests at once make one user', async () => {
  const names = await Promise.all(
    Array.from({ length: 20 }, () => usernameFor({ sub: 'auth0|2', preferred_username: 'ben' })),
  );
  expect(new Set(names)).toEqual(new Set(['ben']));
  expect(await usersOf('auth0|2')).toEqual(['ben']);
});

test('whose name is taken gets another one, and the owner keeps theirs', async () => {
  await createUsers(server.pool, 'carol');
  const name = await usernameFor({ sub: 'auth0|3', preferred_username: 'carol' });
  expect(name).toMatch(/^carol-[0-9a-f]{8}$/);
  expect(await usersOf('carol')).toEqual(['carol']);
  expect(await usernameFor({ sub: 'carol' })).toBe('carol');
});

test('ten people who want the same name at once are ten users', async () => {
  const names = await Promise.all(
    Array.from({ length: 10 }, (_, i) => usernameFor({ sub: `auth0|dave${i}`, preferred_username: 'dave' })),
  );
  expect(names).toContain('dave');
  expect(new Set(names).size).toBe(10);
});

test('a user who comes again under another preferred name keeps the first', async () => {
  expect(await usernameFor({ sub: 'auth0|4', preferred_username: 'erin' })).toBe('erin');
  expect(await usernameFor({ sub: 'auth0|4', preferred_username: 'erin2' })).toBe('erin');
});

test.each([
  ['is missing', undefined],
  ['is empty', ''],
  ['is no text', 7],
  ['cannot be stored', 'a\0b'],
  ['is too long', 'a'.repeat(3_000)],
])('the sub is the name where the preferred one %s', async (name, preferred) => {
  expect(await usernameFor({ sub: `auth0|${name}`, preferred_username: preferred })).toBe(`auth0|${name}`);
});

test('a bad token makes nobody', async () => {
  const forged = `${await bearer({ sub: 'mallory' })}x`;
  expect((await ask(server.url, forged)).status).toBe(401);
  expect(await usersOf('mallory')).toEqual([]);
});
