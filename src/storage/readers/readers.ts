import type { Pool } from 'pg';
import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import type { Queryable } from '../migrations/status.ts';
import { whyNotDenormalized } from '../scaling/denormalizing/state.ts';
import { LOOK_INTERVAL_MS } from '../scaling/materializing/feed.ts';
import { keepFeedFresh } from '../scaling/materializing/refresh.ts';
import { denormalizedReader } from './denormalized.ts';
import { materializedReader, whyNotMaterialized } from './materialized.ts';
import { normalizedReader } from './normalized.ts';

/** One way to read messages: they differ in cost and staleness, never in what they answer beyond that. */
export interface ReadStrategy {
  readonly createReader: (executor: Executor) => MessageReader;
  /** Why this database cannot be read in this way, and what would change that; `null` when it can. */
  readonly whyUnprepared: (database: Queryable) => Promise<string | null>;
  /** What every node that reads in this way does now and then, so that it can go on. */
  readonly upkeep?: Upkeep;
}

interface Upkeep {
  readonly intervalMs: number;
  /** @param directUrl of the database that `pool` leads to, not through a pooler */
  readonly work: (pool: Pool, directUrl: string, signal: AbortSignal) => Promise<unknown>;
}

const needsNothing: ReadStrategy['whyUnprepared'] = async () => null;

/** That of each READ_STRATEGY. */
export const READ_STRATEGIES = {
  normalized: { createReader: normalizedReader, whyUnprepared: needsNothing },
  /** What is not kept in Redis; see ../cache. */
  cached: { createReader: normalizedReader, whyUnprepared: needsNothing },
  materialized: {
    createReader: materializedReader,
    whyUnprepared: whyNotMaterialized,
    upkeep: { intervalMs: LOOK_INTERVAL_MS, work: keepFeedFresh },
  },
  denormalized: { createReader: denormalizedReader, whyUnprepared: whyNotDenormalized },
} as const satisfies Record<string, ReadStrategy>;
