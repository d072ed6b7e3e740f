import type { HttpLoad } from '../load/load-process.ts';
import type { Stint } from '../load/protocol.ts';
import { readBackendCpu } from './backend.ts';
import { cpuBetween } from './cpu.ts';
import type { Entrant } from './entrant.ts';

/** What one contestant did in its turn. */
export interface Slot {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Of the server process; microseconds a request. */
  readonly serverCpu: number;
  /** Of all of PostgreSQL's processes; microseconds a request, `null` where it cannot be had. */
  readonly databaseCpu: number | null;
  /** Of Redis or PgBouncer, where there is one; microseconds a request. */
  readonly programCpu: number | null;
  /** The share of what was looked up in a cache that was found there; `null` without a cache. */
  readonly hitRate: number | null;
  /** SQL statements a request. */
  readonly statements: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface SlotOptions {
  readonly load: HttpLoad;
  readonly connections: number;
  readonly stint: Stint;
}

/** Lets one contestant answer for a while, with the connections open before. */
export async function measureSlot(entrant: Entrant, options: SlotOptions): Promise<Slot> {
  const { load, connections, stint } = options;
  await load.ask('open', { list: entrant.list, connections });
  try {
    const before = await readCounters(entrant);
    const report = await load.ask('run', stint);
    const after = await readCounters(entrant);

    const each = (amount: number) => amount / report.requests;
    const databaseCpu = cpuBetween(before.postgres, after.postgres);
    const programCpu = cpuBetween(before.program, after.program);
    const hits = after.lookups.hits - before.lookups.hits;
    const lookups = hits + after.lookups.misses - before.lookups.misses;
    return {
      requests: report.requests,
      requestsPerSecond: report.requests / (report.ms / 1_000),
      serverCpu: each((after.cpuMs - before.cpuMs) * 1_000),
      databaseCpu: databaseCpu === null ? null : each(databaseCpu),
      programCpu: programCpu === null ? null : each(programCpu),
      hitRate: lookups === 0 ? null : hits / lookups,
      statements: each(after.statements - before.statements),
      p50: report.latency.p50,
      p99: report.latency.p99,
    };
  } finally {
    await load.ask('close');
  }
}

const NO_CACHE = { hits: 0, misses: 0 };

async function readCounters({ server, backend }: Entrant) {
  const lookups = (await backend.lookups?.()) ?? NO_CACHE;
  const cpu = await readBackendCpu(backend);
  return { lookups, ...cpu, statements: await server.statements(), cpuMs: await server.cpu() };
}
