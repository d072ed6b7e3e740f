import { fileURLToPath } from 'node:url';
import type { RoundsOptions } from './rounds.ts';
import { measureSlot } from './slot.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
/** Long enough for some thousand samples. */
const PROFILED_MS = 5_000;

/** Writes everyone's CPU profile of one work, for each number of connections, in turns that count for nothing else. */
export async function profile({ work, entrants, load, progress }: RoundsOptions): Promise<void> {
  const stint = work.restore === undefined ? { ms: PROFILED_MS, once: false } : { ms: null, once: true };
  for (const connections of work.connections)
    for (const entrant of entrants) {
      progress.begin(`${work.name}: ${entrant.name} is profiled`);
      await work.restore?.(entrant.backend.database);
      await entrant.server.startProfile();
      await measureSlot(entrant, { load, connections, stint });
      await entrant.server.stopProfile(`${RESULTS}${work.key}-${connections}-${entrant.name}.cpuprofile`);
    }
}
