import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { convert } from '../../src/storage/scaling/partitioning/convert.ts';
import { withSession } from '../../src/storage/scaling/session.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { type OwnCluster, startOwnCluster } from '../support/own-cluster.ts';
import { createUsers } from '../support/server.ts';
import { allMessages, convertTo } from './conversion.ts';
import { keepNames, wrongNames } from './denormalization.ts';

// Slow, not late: PostgreSQL is killed, and recovers.
jest.setTimeout(90_000);

let postgres: OwnCluster;
beforeAll(async () => {
  // Batches that nobody has asked to be written down stay in memory for as long as they may.
  postgres = await startOwnCluster({ settings: { wal_writer_delay: '10s', wal_writer_flush_after: '0' } });
  const people = await createUsers(postgres.pool, 'alice', 'bob');
  await postgres.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'text ' || i, now() - i * interval '10 minutes' FROM generate_series(10000, 1, -1) i`,
    people,
  );
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
});

/** @returns a watcher of a change that loses PostgreSQL when the step is half done. */
function killedHalfway(step: string) {
  let killed: Promise<unknown> | undefined;
  return {
    onStep(current: string, done: number) {
      if (current === step && done > 0.5) killed ??= postgres.kill();
    },
    tell() {},
    async restarted() {
      expect(await killed).toBeGreaterThan(0);
      await postgres.restart();
    },
  };
}

const NEVER = new AbortController().signal;

test('a change of form goes on where PostgreSQL was killed in the midst of copying, and loses nothing', async () => {
  const before = await allMessages(postgres.pool);
  const watcher = killedHalfway('copy');
  const changing = withSession(postgres.url, (session) => convert(session, 'partitioned', watcher, NEVER));
  await expect(changing).rejects.toThrow();
  await watcher.restarted();
  await convertTo('partitioned', postgres.url);
  expect(await allMessages(postgres.pool)).toEqual(before);
  expect(await problemsIn(postgres.pool)).toEqual([]);
});

test('names are in every message after PostgreSQL was killed in the midst of filling them in', async () => {
  const before = await allMessages(postgres.pool);
  const watcher = killedHalfway('fill');
  await expect(keepNames(postgres.url, watcher.onStep)).rejects.toThrow();
  await watcher.restarted();
  await keepNames(postgres.url);
  expect(await wrongNames(postgres.pool)).toEqual([]);
  expect(await allMessages(postgres.pool)).toEqual(before);
});
