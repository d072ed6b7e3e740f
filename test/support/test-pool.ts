import { createPool } from '../../src/storage/pool.ts';

/** More than any test takes. */
const BOUND_MS = 5_000;

export const POOL_BOUNDS = {
  pooled: false,
  waitMs: BOUND_MS,
  statementTimeoutMs: BOUND_MS,
  lockTimeoutMs: BOUND_MS,
  idleTransactionTimeoutMs: BOUND_MS,
};

/** A server's pool, for what is tested without one. */
export const createTestPool = (url: string, size: number) =>
  createPool({ ...POOL_BOUNDS, url, size, onConnectionLost: () => {} });
