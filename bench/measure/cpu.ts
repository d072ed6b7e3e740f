import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';

/** Nanoseconds on a processor so far, for each process. */
export type Cpu = ReadonlyMap<number, number>;

/** Of all of PostgreSQL's processes; `null` where the system does not tell, as everywhere but on Linux. */
export async function readPostgresCpu(database: Pool): Promise<Cpu | null> {
  if (process.platform !== 'linux') return null;
  const { rows } = await database.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  return readCpu(rows.map(({ pid }) => pid));
}

/** Of one process, in its main thread. */
export const readProgramCpu = (pid: number) => readCpu([pid]);

async function readCpu(pids: readonly number[]): Promise<Cpu | null> {
  const entries = await Promise.all(
    pids.map(async (pid) => {
      // https://docs.kernel.org/scheduler/sched-stats.html: its first number.
      const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '');
      return text === '' ? [] : ([[pid, Number(text.split(' ')[0])]] as const);
    }),
  );
  const cpu = new Map(entries.flat());
  return cpu.size === 0 ? null : cpu;
}

/** Microseconds between the two; of a process that has begun since, all of its time. */
export function cpuBetween(before: Cpu | null, after: Cpu | null): number | null {
  if (before === null || after === null) return null;
  let nanoseconds = 0;
  for (const [pid, until] of after) nanoseconds += until - (before.get(pid) ?? 0);
  return nanoseconds / 1_000;
}
