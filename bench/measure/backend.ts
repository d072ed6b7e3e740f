import type { Pool } from 'pg';
import { type Cpu, readPostgresCpu, readProgramCpu } from './cpu.ts';

/** What a contestant's server itself is served by. */
export interface Backend {
  /** Its database. */
  readonly database: Pool;
  /** A replica of that, which is a PostgreSQL of its own. */
  readonly replica?: Pool;
  /** Redis, or PgBouncer: the number of its process. */
  readonly program?: number;
  /** Of a cache: how often something was found in it so far, and how often not. */
  readonly lookups?: () => Promise<Lookups>;
}

interface Lookups {
  readonly hits: number;
  readonly misses: number;
}

/** On processors so far: of PostgreSQL, and of the program. */
export async function readBackendCpu({ database, replica, program }: Backend) {
  const postgres = await Promise.all([database, ...(replica ? [replica] : [])].map(readPostgresCpu));
  return {
    postgres: postgres.includes(null) ? null : new Map(postgres.flatMap((cpu) => [...(cpu as Cpu)])),
    program: program === undefined ? null : await readProgramCpu(program),
  };
}
