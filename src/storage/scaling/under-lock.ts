import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../errors.ts';
import { FLUSH, NO_FLUSH } from './durability.ts';
import { holders } from './in-the-way.ts';

/** All that comes later queues behind a lock that is waited for, so the wait counts as if it were held. */
const LOCK_TIMEOUT_MS = 40;
/** Between tries everybody who has queued gets on. */
const PAUSE_MS = { least: 50, most: 250 };
/** After as many tries, who is in the way is told, and again after as many more. */
const TRIES_UNTIL_TOLD = 20;

/** What a command has kept others waiting for, at most. */
export interface LongestLock {
  readonly what: string;
  /** From asking for the lock to the commit. */
  readonly ms: number;
}

/** Makes short transactions under locks that others feel, and measures for how long. */
export class ShortLocks {
  longest: LongestLock | null = null;
  readonly #session: ClientBase;
  readonly #tell: (line: string) => void;
  readonly #signal: AbortSignal;

  constructor(session: ClientBase, tell: (line: string) => void, signal: AbortSignal) {
    this.#session = session;
    this.#tell = tell;
    this.#signal = signal;
  }

  /**
   * Runs `script` in a transaction. When it cannot have a lock at once, all is undone and tried again, for as long as
   * it takes.
   * @throws when the signal aborts
   */
  run(what: string, script: string): Promise<void> {
    return this.#untilDone(what, script, 'counts');
  }

  /** The files of the table go when its locks are gone, and may take long. */
  drop(table: string): Promise<void> {
    return this.#untilDone('drop', `DROP TABLE ${table}`, 'does not count');
  }

  async #untilDone(what: string, script: string, commit: 'counts' | 'does not count'): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#signal.throwIfAborted();
      const begun = performance.now();
      try {
        await this.#session.query(
          `BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; ${NO_FLUSH}; ${script}`,
        );
        if (commit === 'counts') await this.#session.query('COMMIT');
        this.note(what, performance.now() - begun);
        if (commit !== 'counts') await this.#session.query('COMMIT');
        break;
      } catch (error) {
        this.note(what, performance.now() - begun);
        // A connection that was lost has said so already.
        await this.#session.query('ROLLBACK').catch(() => {});
        if (!madeWay(error)) throw error;
      }
      if (tries % TRIES_UNTIL_TOLD === 0) this.#tell(`${what}: waiting for ${await holders(this.#session)}`);
      await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least));
    }
    await this.#session.query(FLUSH);
  }

  /** Others may have waited so long. */
  note(what: string, ms: number): void {
    if (this.longest === null || ms > this.longest.ms) this.longest = { what, ms };
  }
}

function madeWay(error: unknown): boolean {
  const code = sqlState(error);
  return code === SQLSTATE.LOCK_NOT_AVAILABLE || code === SQLSTATE.DEADLOCK_DETECTED;
}
