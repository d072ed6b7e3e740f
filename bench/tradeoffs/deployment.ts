import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Cleanup } from '../../src/lib/cleanup.ts';
import { startPgBouncer } from '../../test/support/pgbouncer.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { Contestant } from '../contestants/contestant.ts';
import type { Backend } from '../measure/backend.ts';
import type { Form } from './forms.ts';

/** One form, up and serving. */
export interface Deployment {
  readonly form: Form;
  readonly server: Contestant;
  readonly backend: Backend;
  readonly redis: Redis | null;
}

/** Sessions of the database for one server: as many as it would have without it. */
const POOLED = 10;

export interface Place {
  /** Of its primary database. */
  readonly url: string;
  readonly database: Pool;
  readonly replica?: { readonly url: string; readonly pool: Pool };
}

/** Starts its server, and Redis or PgBouncer before that. */
export async function deploy(form: Form, place: Place, cleanup: Cleanup): Promise<Deployment> {
  const { url, database, replica } = place;
  const settings: Record<string, string> = { READ_STRATEGY: form.strategy };
  let backend: Backend = { database };
  let redis: Redis | null = null;
  let serverUrl = url;
  if (form.through === 'pgbouncer') {
    const bouncer = cleanup.use(await startPgBouncer(url, { default_pool_size: POOLED }));
    serverUrl = bouncer.url;
    settings['DATABASE_DIRECT_URL'] = url;
    backend = { ...backend, program: bouncer.pid };
  }
  if (replica !== undefined) {
    settings['DATABASE_REPLICA_URLS'] = replica.url;
    backend = { ...backend, replica: replica.pool };
  }
  if (form.strategy === 'cached') {
    const cache = cleanup.use(await startRedis());
    const client = new Redis(cache.url);
    client.on('error', () => {}); // whatever it reports, the next command does too
    cleanup.defer(async () => client.disconnect());
    settings['REDIS_URL'] = cache.url;
    redis = client;
    backend = { ...backend, program: cache.pid, lookups: () => lookupsOf(client) };
  }
  return { form, server: cleanup.use(await Contestant.start('parley', serverUrl, settings)), backend, redis };
}

async function lookupsOf(redis: Redis) {
  const stats = await redis.info('stats');
  const read = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
  return { hits: read('keyspace_hits'), misses: read('keyspace_misses') };
}

/** Bytes that Redis holds for its keys and values. */
export async function cacheBytes(redis: Redis): Promise<number> {
  return Number(/used_memory_dataset:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
