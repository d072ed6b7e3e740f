import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OwnCluster, startOwnCluster } from './own-cluster.ts';

let cluster: OwnCluster;
beforeAll(async () => {
  cluster = await startOwnCluster({ settings: { max_connections: '17' } });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const bornAt = async () =>
  (await cluster.pool.query('SELECT pg_postmaster_start_time()::text AS at')).rows[0].at;

test('it is migrated, and set as it was told', async () => {
  const { rows } = await cluster.pool.query(
    `SELECT count(*), current_setting('max_connections') FROM messages`,
  );
  expect(rows).toEqual([{ count: '0', current_setting: '17' }]);
});

test('killed it answers nobody, and started again it has what was committed, and that alone', async () => {
  const before = await bornAt();
  await cluster.pool.query(`INSERT INTO users (external_id, username) VALUES ('alice', 'alice')`);
  const client = await cluster.pool.connect();
  await client.query('BEGIN');
  await client.query(`INSERT INTO users (external_id, username) VALUES ('bob', 'bob')`);

  expect(await cluster.kill()).toBeGreaterThan(2);
  await expect(client.query('COMMIT')).rejects.toThrow();
  client.release(true);
  await expect(cluster.pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

  await cluster.restart();
  expect(await bornAt()).not.toBe(before);
  expect((await cluster.pool.query('SELECT username FROM users')).rows).toEqual([{ username: 'alice' }]);
  // As often as one likes.
  await cluster.kill();
  await cluster.restart();
  expect((await cluster.pool.query('SELECT username FROM users')).rows).toEqual([{ username: 'alice' }]);
});
