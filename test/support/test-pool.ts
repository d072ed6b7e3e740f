import { createPool } from '../../src/storage/pool.ts';

/** More than any test takes. */
const BOUND_MS = 5_000;

/** A server's pool, for what is tested without one. */
export const createTestPool = (url: string, size: number) =>
  createPool({
    url,
    size,
    waitMs: BOUND_MS,
    statementTimeoutMs: BOUND_MS,
    lockTimeoutMs: BOUND_MS,
    pooled: false,
    idleTransactionTimeoutMs: BOUND_MS,
    onConnectionLost: () => {},
  });
