import { mkdir } from 'node:fs/promises';
import type { Pool } from 'pg';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { startReplica } from '../../test/support/replica.ts';
import { DATA, startBenchCluster } from '../database/cluster.ts';
import { type Content, messagesOfParley } from '../database/contents.ts';
import { copyDatabase, dropCopies, keptDatabase } from '../database/kept-database.ts';
import { openDatabase } from '../database/open.ts';
import { enter } from '../measure/entrant.ts';
import { measureInTurn } from '../measure/rounds.ts';
import type { WorkResult } from '../report/results.ts';
import type { Workload } from '../workloads/workload.ts';
import { cacheBytes, type Deployment, deploy, type Place } from './deployment.ts';
import { type Form, PARTITION } from './forms.ts';
import { prepare } from './prepare.ts';
import { COLD, READS, SENDS } from './reads.ts';
import { measureRenames } from './rename.ts';
import type { FormResult, Ground } from './results.ts';
import { measureScans } from './scans.ts';
import { measureStaleness } from './staleness.ts';
import { measureStorage } from './storage.ts';

const CLUSTER_OF_REPLICA = 'bench-replicated';

/** Each form on a database of its own, all of them up at the same time. */
export async function compareForms(forms: readonly Form[], ground: Ground) {
  const { options, progress, load, signal } = ground;
  const content = messagesOfParley(ground.messages);
  await using cleanup = new Cleanup();
  const kept = await keptDatabase(ground.adminUrl, content, progress);
  const partitioned = await partitionedOnce(forms, kept, ground, cleanup);
  const deployments: (Deployment & Pick<FormResult, 'preparations' | 'storage'>)[] = [];
  for (const [number, form] of forms.entries()) {
    signal.throwIfAborted();
    progress.begin(`${form.name}: its database is prepared`);
    const place =
      form.through === 'replica'
        ? await replicated(content, ground, cleanup)
        : await copied(ground.adminUrl, form.phase === 3 ? partitioned.url : kept, number, cleanup);
    const [first, ...others] = form.commands;
    const shared = first === PARTITION ? partitioned.preparations : [];
    const own = await prepare(
      first === PARTITION ? others : form.commands,
      place.url,
      place.database,
      signal,
    );
    const preparations = [...shared, ...own];
    const storage = { ...(await measureStorage(place.database)), cacheBytes: null };
    deployments.push({ ...(await deploy(form, place, cleanup)), preparations, storage });
  }

  const compare = async () => {
    const work: WorkResult[] = [];
    for (const one of [...READS, SENDS]) work.push(await measureWork(one, deployments, work.length === 0));
    const results: FormResult[] = [];
    for (const deployment of deployments) {
      const { form, preparations, storage, redis, backend } = deployment;
      progress.begin(`${form.name}: reports, other programs' writes, renames`);
      results.push({
        name: form.name,
        phase: form.phase,
        strategy: form.strategy,
        preparations,
        storage: { ...storage, cacheBytes: redis === null ? null : await cacheBytes(redis) },
        scans: await measureScans(deployment),
        staleness: await measureStaleness(deployment, options.patienceMs),
        renames: await measureRenames(backend.database),
      });
    }
    return { forms: results, work };
  };
  // A server that is lost says why; the load would only miss it.
  const results = await Promise.race([compare(), ...deployments.map(({ server }) => server.failure())]);
  progress.end();
  return results;

  async function measureWork(
    work: Workload,
    all: readonly Deployment[],
    isFirst: boolean,
  ): Promise<WorkResult> {
    signal.throwIfAborted();
    progress.begin(`${work.name}: answers are checked`);
    const entrants = [];
    for (const { form, server, backend, redis } of all) {
      const cases = await work.cases(backend.database);
      const entrant = await enter(load, form.name, server, backend, work, cases);
      entrants.push(
        work === COLD && redis !== null ? { ...entrant, beforeTurn: () => redis.flushall() } : entrant,
      );
    }
    const { firstWarmUpMs, ...pace } = options.pace;
    const warmUpMs = isFirst ? firstWarmUpMs : pace.warmUpMs;
    const measured = await measureInTurn({ work, entrants, load, pace: { ...pace, warmUpMs }, progress });
    return { key: work.key, name: work.name, measured };
  }
}

/** What the forms with partitions are cloned from: making them takes longest, and is the same for all. */
async function partitionedOnce(
  forms: readonly Form[],
  kept: string,
  { adminUrl, progress, signal }: Ground,
  cleanup: Cleanup,
) {
  if (!forms.some(({ commands }) => commands.includes(PARTITION))) return { url: kept, preparations: [] };
  progress.begin('partitions are made');
  const { url } = cleanup.use(await copyDatabase(adminUrl, kept, forms.length));
  // Nobody may be connected to what is cloned.
  await using database = openDatabase(url);
  return { url, preparations: await prepare([PARTITION], url, database, signal) };
}

async function copied(adminUrl: string, kept: string, number: number, cleanup: Cleanup): Promise<Place> {
  const { url } = cleanup.use(await copyDatabase(adminUrl, kept, number));
  return { url, database: opened(url, cleanup) };
}

/** In a cluster of its own: a replica of the common one would replay what all the others write. */
async function replicated(content: Content, { progress, signal }: Ground, cleanup: Cleanup): Promise<Place> {
  const cluster = cleanup.use(
    await startBenchCluster((line) => progress.begin(line), { name: CLUSTER_OF_REPLICA }),
  );
  signal.addEventListener('abort', () => cluster.stop().catch(() => {}));
  await dropCopies(cluster.url);
  const kept = await keptDatabase(cluster.url, content, progress);
  const { url, database } = await copied(cluster.url, kept, 0, cleanup);
  await database.query('CHECKPOINT');
  const { rows } = await database.query('SHOW shared_buffers');
  const root = `${DATA}replicas`;
  await mkdir(root, { recursive: true, mode: 0o711 });
  const settings = { shared_buffers: rows[0].shared_buffers };
  const primary = { url, directory: `${DATA}${CLUSTER_OF_REPLICA}`, pool: database };
  const replica = cleanup.use(await startReplica(primary, { root, settings }));
  await replica.caughtUp();
  return { url, database, replica };
}

function opened(url: string, cleanup: Cleanup): Pool {
  return cleanup.use(openDatabase(url));
}
