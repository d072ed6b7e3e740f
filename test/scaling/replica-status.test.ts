import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Status } from '../../src/operations/scaling/status.ts';
import { freshDirectory, sweep } from '../support/embedded-sandbox.ts';
import { eventually } from '../support/eventually.ts';
import { run } from '../support/operator.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { startReplica, type TestReplica } from '../support/replica.ts';

// Slow, not late: two clusters are started.
jest.setTimeout(90_000);

let primary: OwnCluster;
let replica: TestReplica;
let folder: string;
beforeAll(async () => {
  folder = await freshDirectory();
  primary = await startOwnCluster();
  replica = await startReplica(primary);
  await primary.pool.query(
    `INSERT INTO users (external_id, username) VALUES ('ann', 'ann');
     CREATE ROLE stranger LOGIN PASSWORD 'p';
     GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger`,
  );
});
afterAll(async () => {
  await replica[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
  await sweep();
});

/** Between commits PostgreSQL flushes whole pages of its log, which may end within a record that nobody can replay yet. */
const commit = () => primary.pool.query('UPDATE users SET username = username');

async function scaleStatus(url: string, ...args: readonly string[]): Promise<string> {
  const environment = { DATABASE_URL: url };
  const { code, stdout, stderr } = await run('scale', { folder, args: ['status', ...args], environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const statusOf = async (url: string): Promise<Status> => JSON.parse(await scaleStatus(url, '--json'));

test('a replica that has replayed everything is not behind', async () => {
  await eventually(
    async () => {
      await commit();
      expect(await statusOf(primary.url)).toMatchObject({
        place: { standby: false },
        phase: { current: 2, recommended: 1 },
        replicas: {
          visible: true,
          list: [
            { name: 'walreceiver', address: '127.0.0.1', state: 'streaming', lagBytes: 0, lagSeconds: 0 },
          ],
        },
      });
    },
    { withinMs: 20_000 },
  );
  await eventually(
    async () => {
      await commit();
      expect(await scaleStatus(primary.url)).toMatch(
        /^ {2}walreceiver {2}127\.0\.0\.1 {2}streaming {2}0 B behind {2}0 s$/m,
      );
    },
    { withinMs: 20_000 },
  );
});

test('one that does not replay is behind by what was written', async () => {
  await replica.pool.query('SELECT pg_wal_replay_pause()');
  try {
    await eventually(async () => {
      const { rows } = await replica.pool.query('SELECT pg_get_wal_replay_pause_state() AS state');
      expect(rows).toEqual([{ state: 'paused' }]);
    });
    await primary.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT 1, 1, i::text FROM generate_series(1, 1000) i`,
    );
    const { replicas } = await statusOf(primary.url);
    expect(replicas.list[0]?.lagBytes).toBeGreaterThan(100_000);
    expect(await scaleStatus(primary.url)).toMatch(/^ {2}walreceiver .* KiB behind/m);
  } finally {
    await replica.pool.query('SELECT pg_wal_replay_resume()');
  }
});

test('who may not see how far behind is told who may', async () => {
  const url = new URL(primary.url);
  [url.username, url.password] = ['stranger', 'p'];
  const { replicas, phase } = await statusOf(url.href);
  expect(replicas).toEqual({
    visible: false,
    list: [{ name: 'walreceiver', address: null, state: null, lagBytes: null, lagSeconds: null }],
  });
  expect(phase.current).toBe(2);
  expect(await scaleStatus(url.href)).toMatch(/^Replicas +1 connected; .*\n.*pg_read_all_stats/m);
});

test('the replica itself can be asked, which nothing can that changes something', async () => {
  await eventually(async () => {
    const { place, phase, messages, replicas } = await statusOf(replica.url);
    expect({ place, phase, messages, replicas }).toMatchObject({
      place: { standby: true },
      phase: { current: 2 },
      messages: { count: 1_000 },
      replicas: { list: [] },
    });
  });
  expect(await scaleStatus(replica.url)).toMatch(/^own on .*, a replica$/m);
});
