import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createUsers, tokenOf } from './server.ts';
import { type NodeWithOwnClock, startNodeWithOwnClock } from './shifted-clock.ts';
import { ask } from './token-holder.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

let database: TestDatabase;
let node: NodeWithOwnClock;
beforeAll(async () => {
  database = await createTestDatabase();
  node = await startNodeWithOwnClock(database.url);
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('a server takes its own clock for the time, forward and back', async () => {
  await createUsers(database.pool, 'alice');
  const authorization = `Bearer ${await tokenOf('alice', { ttl: '30m' })}`;
  const status = async () => (await ask(node.url, authorization)).status;
  expect(await status()).toBe(200);

  expect(Math.abs((await node.shiftClock(HOUR_MS)) - Date.now() - HOUR_MS)).toBeLessThan(MINUTE_MS);
  expect(await status()).toBe(401);

  expect(Math.abs((await node.shiftClock(-HOUR_MS)) - Date.now())).toBeLessThan(MINUTE_MS);
  expect(await status()).toBe(200);
});

test('when it is asked to, it ends as one without that clock does', async () => {
  node.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
});
