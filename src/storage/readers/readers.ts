import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import type { Queryable } from '../migrations/status.ts';
import { normalizedReader } from './normalized.ts';

/** One way to read messages: they differ in cost and staleness, never in what they answer beyond that. */
export interface ReadStrategy {
  readonly createReader: (executor: Executor) => MessageReader;
  /** Why this database cannot be read in this way, and what would change that; `null` when it can. */
  readonly whyUnprepared: (database: Queryable) => Promise<string | null>;
}

const needsNothing: ReadStrategy['whyUnprepared'] = async () => null;

/** That of each READ_STRATEGY. */
export const READ_STRATEGIES = {
  normalized: { createReader: normalizedReader, whyUnprepared: needsNothing },
  /** What is not kept in Redis; see ../cache. */
  cached: { createReader: normalizedReader, whyUnprepared: needsNothing },
} as const satisfies Record<string, ReadStrategy>;
