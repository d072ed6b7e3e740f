import { fileURLToPath } from 'node:url';
import type { RoundsOptions } from './rounds.ts';
import { measureSlot } from './slot.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
/** Long enough for some thousand samples. */
const PROFILED_MS = 5_000;

/** Writes Parley's CPU profile of one work, in a turn that counts for nothing else. */
export async function profile({ work, entrants, database, load, progress }: RoundsOptions): Promise<void> {
  const parley = entrants.find(({ name }) => name === 'parley');
  if (parley === undefined) return;
  progress.begin(`${work.name}: Parley is profiled`);
  await work.restore?.(database);
  await parley.server.startProfile();
  const connections = Math.max(...work.connections);
  await measureSlot(parley, {
    load,
    connections,
    database,
    stint: work.restore === undefined ? { ms: PROFILED_MS, once: false } : { ms: null, once: true },
  });
  await parley.server.stopProfile(`${RESULTS}parley-${work.key}.cpuprofile`);
}
