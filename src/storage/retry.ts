import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../messaging/errors.ts';
import { SQLSTATE, sqlState } from './errors.ts';

const MAX_ATTEMPTS = 6;
/** The first pause is up to this long; each further one up to twice as long as the one before. */
const FIRST_PAUSE_MS = 5;

/**
 * Repeats a single statement that lost to another transaction (deadlock, serialization failure): PostgreSQL has
 * rolled it back whole. Nothing else is repeated; after a lost connection it may have been committed.
 */
export async function retryingConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Unavailable ? sqlState(error.cause) : undefined;
      const conflict = code === SQLSTATE.DEADLOCK_DETECTED || code === SQLSTATE.SERIALIZATION_FAILURE;
      if (!conflict || attempt === MAX_ATTEMPTS) throw error;
      await delay(Math.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
