import { Cleanup } from '../../../src/lib/cleanup.ts';
import { Contestant } from '../../contestants/contestant.ts';
import { messagesOfParley } from '../../database/contents.ts';
import { copyDatabase, keptDatabase } from '../../database/kept-database.ts';
import { openDatabase } from '../../database/open.ts';
import { Connection } from '../../load/connection.ts';
import { enter } from '../../measure/entrant.ts';
import { measureInTurn } from '../../measure/rounds.ts';
import type { Slot } from '../../measure/slot.ts';
import { median } from '../../support/statistics.ts';
import { SEND } from '../../workloads/send.ts';
import type { Workload } from '../../workloads/workload.ts';
import type { Ground } from '../results.ts';
import { INDEXES, type IndexName, type IndexResult, type OnAndOff } from './index-result.ts';
import { PROBES, type Probe, type Site } from './probes.ts';

interface Variant extends Site {
  /** The index that it is without. */
  readonly missing: IndexName | null;
}

const ALL = 'all indexes';
const SENDS: Workload = { ...SEND, connections: [16] };

/** Parley on a database with all indexes, beside Parley on copies that are each without one of them. */
export async function compareIndexes(ground: Ground): Promise<readonly IndexResult[]> {
  const { adminUrl, messages, progress, signal } = ground;
  await using cleanup = new Cleanup();
  const kept = await keptDatabase(adminUrl, messagesOfParley(messages), progress);
  const variants: Variant[] = [];
  for (const [number, missing] of [null, ...INDEXES].entries()) {
    signal.throwIfAborted();
    progress.begin(missing === null ? ALL : `without ${missing}`);
    const { url } = cleanup.use(await copyDatabase(adminUrl, kept, number));
    const database = cleanup.use(openDatabase(url));
    if (missing !== null) await database.query(`DROP INDEX ${missing}`);
    const server = cleanup.use(await Contestant.start('parley', url));
    const connection = new Connection(new URL(server.url).origin);
    cleanup.defer(() => connection.close());
    variants.push({ missing, server, database, connection });
  }
  const compare = async () => {
    const bytes = await sizes(variants[0] as Variant);
    const reads = new Map<Probe, Readonly<Record<string, readonly number[]>>>();
    for (const probe of PROBES) reads.set(probe, await measureProbe(probe, variants, ground));
    const sends = await measureSends(variants, ground);
    return INDEXES.map((name) => ({
      name,
      bytes: bytes.get(name) ?? Number.NaN,
      reads: PROBES.filter(({ couldUse }) => couldUse.includes(name)).map((probe) => ({
        read: probe.name,
        ...onAndOff(reads.get(probe) ?? {}, name),
      })),
      send: onAndOff(sends, name),
    }));
  };
  const results = await Promise.race([compare(), ...variants.map(({ server }) => server.failure())]);
  progress.end();
  return results;
}

const nameOf = ({ missing }: Variant) => missing ?? ALL;

function onAndOff(rounds: Readonly<Record<string, readonly number[]>>, name: IndexName): OnAndOff {
  const [on, off] = [rounds[ALL] ?? [], rounds[name] ?? []];
  return {
    on: median(on),
    off: median(off),
    ratios: off.map((value, round) => value / (on[round] ?? Number.NaN)),
  };
}

/** The median of each round, in milliseconds: one request after another for a while, at least one. */
async function measureProbe(
  probe: Probe,
  variants: readonly Variant[],
  { options, progress, signal }: Ground,
) {
  progress.begin(probe.name);
  const sites = variants.filter(({ missing }) => missing === null || probe.couldUse.includes(missing));
  if (sites.length < 2) return {};
  const calls = await Promise.all(sites.map((site) => probe.prepare(site)));
  const rounds: Record<string, number[]> = Object.fromEntries(sites.map((site) => [nameOf(site), []]));
  let count = 0;
  // The first round warms everything up, and does not count.
  for (let round = 0; round <= options.pace.rounds; round++)
    for (const [at, site] of sites.entries()) {
      signal.throwIfAborted();
      const times: number[] = [];
      const until = performance.now() + options.probeMs;
      do {
        const startedAt = performance.now();
        await calls[at]?.(count++);
        times.push(performance.now() - startedAt);
      } while (performance.now() < until);
      if (round > 0) rounds[nameOf(site)]?.push(median(times));
    }
  return rounds;
}

/** Microseconds of server and database for a message, in each round. */
async function measureSends(variants: readonly Variant[], { load, options, progress }: Ground) {
  const entrants = [];
  for (const variant of variants) {
    const { server, database } = variant;
    const cases = await SENDS.cases(database);
    entrants.push(await enter(load, nameOf(variant), server, { database }, SENDS, cases));
  }
  const [measured] = await measureInTurn({ work: SENDS, entrants, load, pace: options.pace, progress });
  const cpu = ({ serverCpu, databaseCpu }: Slot) => serverCpu + (databaseCpu ?? 0);
  return Object.fromEntries(
    Object.entries(measured?.slots ?? {}).map(([name, slots]) => [name, slots.map(cpu)]),
  );
}

async function sizes({ database }: Variant): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ name: string; bytes: number }>(
    `SELECT indexrelid::regclass::text AS name, pg_relation_size(indexrelid)::float8 AS bytes
     FROM pg_index WHERE indrelid = 'messages'::regclass`,
  );
  return new Map(rows.map(({ name, bytes }) => [name, bytes]));
}
