import type { Config } from './config.ts';
import type { Cleanup } from './lib/cleanup.ts';
import type { Logger } from './lib/log.ts';
import { seedDemo } from './operations/demo/seed.ts';
import { type CacheReads, cachedReader } from './storage/cache/cached-reader.ts';
import { Shelf } from './storage/cache/shelf.ts';
import { startEmbeddedPostgres } from './storage/embedded/start.ts';
import { type Executor, poolExecutor } from './storage/executor.ts';
import { onceAnswered, watchFitness } from './storage/fitness.ts';
import { applyMigrations } from './storage/migrations/apply.ts';
import { readMigrations } from './storage/migrations/source.ts';
import { createPool } from './storage/pool.ts';
import { createPrisma } from './storage/prisma.ts';
import { READ_STRATEGIES } from './storage/readers/readers.ts';
import { openRedis, untilAnswered } from './storage/redis.ts';
import { Replicas } from './storage/replicas/replicas.ts';
import { createRoute } from './storage/replicas/route.ts';
import { routedReader } from './storage/replicas/routed-reader.ts';
import { watchReplicas } from './storage/replicas/watch.ts';

/** For how long a start waits for a database that neither answers nor refuses. */
const PATIENCE_MS = 30_000;

export type Database = Awaited<ReturnType<typeof openDatabase>>;

/**
 * The database that is set, or an embedded one with demo data; its pool and what is made of that.
 * @param stop ends the wait for a database that does not answer
 * @throws an error that says why it cannot be served from
 */
export async function openDatabase(config: Config, log: Logger, cleanup: Cleanup, stop: AbortSignal) {
  const address = await findDatabase(config, log, cleanup);
  const pool = createPool({
    ...config.pool,
    url: address.url,
    pooled: address.pooled,
    onConnectionLost: (error) => log.warn({ err: error }, 'lost an idle database connection'),
  });
  cleanup.use(pool);
  const prisma = createPrisma(pool);
  cleanup.defer(() => prisma.$disconnect());

  if (address.embedded) {
    await applyMigrations(address.url);
    const { users, messages } = await seedDemo(prisma, new Date());
    if (users > 0) log.info({ users, messages }, 'wrote demo data');
  }
  const { createReader, whyUnprepared } = READ_STRATEGIES[config.readStrategy];
  const served = { pool, pooled: address.pooled, whyUnprepared };
  const fitness = watchFitness(served, await readMigrations(), (warning) => log.warn(warning));
  const found = await onceAnswered(fitness, PATIENCE_MS, stop, (detail) =>
    log.warn(
      { detail },
      `the database does not answer; the start waits for it, ${PATIENCE_MS / 1_000} s in all`,
    ),
  );
  if (!found.fit) throw new Error([found.reason, found.detail].filter(Boolean).join(': '));
  const executor = poolExecutor(pool);
  const replicas = await openReplicas(config, executor, log, cleanup);
  const primary = createReader(executor);
  const routed =
    replicas === null ? primary : routedReader(primary, createRoute(executor, replicas), replicas);
  const cache = config.cacheUrl === null ? null : await openCache(config.cacheUrl, log, cleanup);
  return {
    ...address,
    pool,
    fitness,
    prisma,
    executor,
    createReader,
    reader: cache === null ? routed : cachedReader(routed, executor, cache.shelf, cache.reads),
    replicas,
    cacheReads: cache?.reads ?? null,
  };
}

/** It may be lost later; but a server that never had it was set up wrongly. */
async function openCache(url: string, log: Logger, cleanup: Cleanup) {
  const onFailure = (error: unknown) =>
    log.warn(
      { err: error },
      'cache: Redis is lost, or refuses; until it is back everything is read from the database',
    );
  const redis = cleanup.use(openRedis(url, onFailure));
  await untilAnswered(redis).catch((cause) => {
    throw new Error(
      `READ_STRATEGY=cached needs the Redis of REDIS_URL, which cannot be used: ${cause.message || cause.code}`,
      { cause },
    );
  });
  const reads: CacheReads = { hit: 0, miss: 0 };
  return { shelf: new Shelf(redis.client, onFailure), reads };
}

/** `null` when none are set: then nothing is asked, and each read goes straight to the primary. */
async function openReplicas(
  { replicas: { urls, maxLagMs }, pool, readStrategy }: Config,
  primary: Executor,
  log: Logger,
  cleanup: Cleanup,
): Promise<Replicas | null> {
  if (urls.length === 0) return null;
  const replicas = cleanup.use(
    new Replicas({
      urls,
      // A pooler before a standby is found out, and refused.
      pool: { ...pool, pooled: false },
      primary,
      maxLagMs,
      createReader: READ_STRATEGIES[readStrategy].createReader,
      onChange: (replica, why) =>
        why === null
          ? log.info({ replica }, 'replica: in use')
          : log.warn({ replica, why }, 'replica: not in use; the primary or another replica is read'),
    }),
  );
  cleanup.use(await watchReplicas(replicas));
  return replicas;
}

async function findDatabase({ database }: Config, log: Logger, cleanup: Cleanup) {
  if (database.kind === 'external') return { ...database, embedded: false };
  const onProgress = (line: string) => log.info(line);
  const postgres = cleanup.use(await startEmbeddedPostgres({ directory: database.directory, onProgress }));
  return { url: postgres.url, directUrl: postgres.url, pooled: false, embedded: true };
}

/** What a probe of readiness is told; `null` while it can be served from. */
export async function whyNotReady({ fitness }: Database, log: Logger): Promise<string | null> {
  const found = await fitness();
  if (found.fit) return null;
  const { reason, detail } = found;
  log.warn({ reason, detail }, 'not ready');
  return reason;
}
