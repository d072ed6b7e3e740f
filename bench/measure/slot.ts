import type { Pool } from 'pg';
import type { HttpLoad } from '../load/load-process.ts';
import type { Stint } from '../load/protocol.ts';
import { databaseCpuBetween, readDatabaseCpu } from './database-cpu.ts';
import type { Entrant } from './entrant.ts';

/** What one contestant did in its turn. */
export interface Slot {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Of the server process; microseconds a request. */
  readonly serverCpu: number;
  /** Of all of PostgreSQL's processes; microseconds a request, `null` where it cannot be had. */
  readonly databaseCpu: number | null;
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
  /** Of the same server as the contestant's. */
  readonly database: Pool;
}

/** Lets one contestant answer for a while, with the connections open before. */
export async function measureSlot(entrant: Entrant, options: SlotOptions): Promise<Slot> {
  const { load, connections, stint, database } = options;
  await load.ask('open', { list: entrant.list, connections });
  try {
    const before = await readCounters(entrant, database);
    const report = await load.ask('run', stint);
    const after = await readCounters(entrant, database);

    const each = (amount: number) => amount / report.requests;
    const databaseCpu = databaseCpuBetween(before.databaseCpu, after.databaseCpu);
    return {
      requests: report.requests,
      requestsPerSecond: report.requests / (report.ms / 1_000),
      serverCpu: each((after.cpuMs - before.cpuMs) * 1_000),
      databaseCpu: databaseCpu === null ? null : each(databaseCpu),
      statements: each(after.statements - before.statements),
      p50: report.latency.p50,
      p99: report.latency.p99,
    };
  } finally {
    await load.ask('close');
  }
}

async function readCounters({ server }: Entrant, database: Pool) {
  const databaseCpu = await readDatabaseCpu(database);
  return { databaseCpu, statements: await server.statements(), cpuMs: await server.cpu() };
}
