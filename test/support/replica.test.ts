import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OwnCluster, startOwnCluster } from './own-cluster.ts';
import { startReplica, type TestReplica } from './replica.ts';

let primary: OwnCluster;
let replica: TestReplica;
beforeAll(async () => {
  primary = await startOwnCluster();
  replica = await startReplica(primary);
});
afterAll(async () => {
  await replica?.[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});

const add = (name: string) =>
  primary.pool.query('INSERT INTO users (external_id, username) VALUES ($1, $1)', [name]);
const namesThere = async () =>
  (await replica.pool.query('SELECT username FROM users ORDER BY id')).rows.map(({ username }) => username);

test('it is a standby, and shows what the primary has committed', async () => {
  await add('alice');
  await replica.caughtUp();
  expect(await namesThere()).toEqual(['alice']);
  const { rows } = await replica.pool.query('SELECT pg_is_in_recovery() AS standby');
  expect(rows).toEqual([{ standby: true }]);
});

test('delayed it shows nothing new, until it is not delayed any more', async () => {
  await replica.delay('10s');
  await add('bob');
  expect(await namesThere()).toEqual(['alice']);
  await replica.delay('0');
  expect(await namesThere()).toEqual(['alice', 'bob']);
});

test('killed and started again it goes on following', async () => {
  await replica.kill();
  await add('carol');
  await expect(namesThere()).rejects.toThrow();
  await replica.restart();
  await replica.caughtUp();
  expect(await namesThere()).toEqual(['alice', 'bob', 'carol']);
});
