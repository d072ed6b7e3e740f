import type { Ask } from './read-only.ts';
import { MESSAGES_AND_PARTITIONS } from './relations.ts';

/** Pages of messages that statements asked for, since the database's statistics began. */
interface Reads {
  /** Found in shared_buffers. */
  readonly hits: number;
  /** Asked of the system, which may have had them in its own cache. */
  readonly misses: number;
  /** The hits among them, from 0 to 1; `null` when nothing was asked for. */
  readonly hitRate: number | null;
}

export interface CacheHits {
  readonly heap: Reads;
  readonly indexes: Reads;
  readonly sharedBuffersBytes: number;
}

const SELECT_HITS = `
  SELECT coalesce(sum(heap_blks_hit), 0)::float8 AS "heapHits", coalesce(sum(heap_blks_read), 0)::float8 AS "heapMisses",
    coalesce(sum(idx_blks_hit), 0)::float8 AS "indexHits", coalesce(sum(idx_blks_read), 0)::float8 AS "indexMisses",
    pg_size_bytes(current_setting('shared_buffers'))::float8 AS "sharedBuffersBytes"
  FROM pg_statio_all_tables
  WHERE relid IN ${MESSAGES_AND_PARTITIONS}`;

interface Row {
  readonly heapHits: number;
  readonly heapMisses: number;
  readonly indexHits: number;
  readonly indexMisses: number;
  readonly sharedBuffersBytes: number;
}

export async function readCacheHits(ask: Ask): Promise<CacheHits> {
  const [row] = (await ask<Row>(SELECT_HITS)) as readonly [Row];
  return {
    heap: reads(row.heapHits, row.heapMisses),
    indexes: reads(row.indexHits, row.indexMisses),
    sharedBuffersBytes: row.sharedBuffersBytes,
  };
}

function reads(hits: number, misses: number): Reads {
  return { hits, misses, hitRate: hits + misses === 0 ? null : hits / (hits + misses) };
}
