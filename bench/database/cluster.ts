import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';

const DIRECTORY = fileURLToPath(new URL('../../.data/bench', import.meta.url));

const MIB = 1_048_576;
const MOST_SHARED_BUFFERS_MIB = 2_048;

/**
 * The benchmark's own PostgreSQL, whose data stay from run to run. All of its settings are PostgreSQL's defaults, those
 * of durability above all, except its cache: a quarter of the memory, as PostgreSQL's documentation advises.
 */
export function startBenchCluster(onProgress: (line: string) => void): Promise<EmbeddedPostgres> {
  const quarter = Math.floor(totalmem() / 4 / MIB);
  return startEmbeddedPostgres({
    directory: DIRECTORY,
    settings: { shared_buffers: `${Math.min(quarter, MOST_SHARED_BUFFERS_MIB)}MB` },
    onProgress,
  });
}
