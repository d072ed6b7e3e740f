import type { Pool } from 'pg';
import type { MessageReader } from '../../../src/messaging/ports.ts';
import { type CacheReads, cachedReader } from '../../../src/storage/cache/cached-reader.ts';
import { Shelf } from '../../../src/storage/cache/shelf.ts';
import { poolExecutor } from '../../../src/storage/executor.ts';
import { normalizedReader } from '../../../src/storage/readers/normalized.ts';
import { openRedis, untilAnswered } from '../../../src/storage/redis.ts';
import { createTestPool } from '../../support/test-pool.ts';

/** What a server reads with, and how it got it. */
export interface CachingNode extends AsyncDisposable {
  readonly pool: Pool;
  readonly cached: MessageReader;
  /** The same database without the cache. */
  readonly plain: MessageReader;
  readonly reads: CacheReads;
  /** How many pages have been read from the database for the cache. */
  readonly loads: () => number;
  readonly failures: readonly unknown[];
}

/** @param answerWithinMs by default more than a busy machine keeps a Redis waiting that is well */
export async function startNode(
  databaseUrl: string,
  redisUrl: string,
  answerWithinMs = 5_000,
): Promise<CachingNode> {
  const pool = createTestPool(databaseUrl, 4);
  const failures: unknown[] = [];
  const redis = openRedis(redisUrl, (error) => failures.push(error));
  await untilAnswered(redis);
  const executor = poolExecutor(pool);
  const plain = normalizedReader(executor);
  const reads = { hit: 0, miss: 0 };
  let loads = 0;
  const counted: MessageReader = {
    ...plain,
    messagePage: (viewer, peer, page) => {
      loads++;
      return plain.messagePage(viewer, peer, page);
    },
  };
  const shelf = new Shelf(redis.client, (error) => failures.push(error), answerWithinMs);
  return {
    pool,
    plain,
    cached: cachedReader(counted, executor, shelf, reads),
    reads,
    loads: () => loads,
    failures,
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
}
