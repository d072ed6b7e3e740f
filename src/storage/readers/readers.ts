import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import { normalizedReader } from './normalized.ts';

/** The reader of each READ_STRATEGY. */
export const READERS = {
  normalized: normalizedReader,
} as const satisfies Record<string, (executor: Executor) => MessageReader>;
