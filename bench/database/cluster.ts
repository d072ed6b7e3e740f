import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../src/storage/embedded/settings.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start.ts';

/** Where all that stays from run to run is. */
export const DATA = fileURLToPath(new URL('../../.data/', import.meta.url));

const MIB = 1_048_576;
const MOST_SHARED_BUFFERS_MIB = 2_048;

export interface ClusterOptions {
  /** Of its folder. */
  readonly name?: string;
  /** Besides its cache. */
  readonly settings?: Settings;
}

/**
 * The benchmark's own PostgreSQL, whose data stay from run to run. All of its settings are PostgreSQL's defaults, those
 * of durability above all, except its cache: a quarter of the memory, as PostgreSQL's documentation advises.
 */
export function startBenchCluster(
  onProgress: (line: string) => void,
  { name = 'bench', settings = {} }: ClusterOptions = {},
): Promise<EmbeddedPostgres> {
  const quarter = Math.floor(totalmem() / 4 / MIB);
  return startEmbeddedPostgres({
    directory: `${DATA}${name}`,
    settings: { ...settings, shared_buffers: `${Math.min(quarter, MOST_SHARED_BUFFERS_MIB)}MB` },
    onProgress,
  });
}
