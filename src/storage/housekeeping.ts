import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

const INTERVAL_MS = 3_600_000;
/** The longest that a timer takes: pg would read 0 as the pool's own time. */
const UNHURRIED_MS = 2 ** 31 - 1;
/** One node at a time; the others skip their turn. */
const ADVISORY_LOCK = 7_214_020_112;

/** What has to be done now and then, by any one node. */
type Chore = (signal: AbortSignal) => Promise<unknown>;

/** Does all chores, one after the other, now and again and again, with a pause between. */
export function startHousekeeping(
  chores: readonly Chore[],
  onError: (error: unknown) => void,
  pauseMs = INTERVAL_MS,
): AsyncDisposable {
  const stop = new AbortController();

  async function keepTidy() {
    while (!stop.signal.aborted) {
      for (const chore of chores)
        await chore(stop.signal).catch((error) => stop.signal.aborted || onError(error));
      await delay(pauseMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }

  const done = keepTidy();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

/**
 * Forgets inbox events and idempotency keys that are older than `retentionDays`.
 * @returns whether it was this node's turn
 * @throws when `signal` aborts: it forgets everything or nothing
 */
export async function forgetOld(pool: Pool, retentionDays: number, signal?: AbortSignal): Promise<boolean> {
  const client = await pool.connect();
  let released = false;
  const release = (broken: boolean) => {
    if (!released) client.release(broken);
    released = true;
  };
  // Deleting may take minutes, and a server that stops cannot wait for it.
  const giveUp = () => release(true);
  signal?.addEventListener('abort', giveUp);
  let broken = true;
  try {
    signal?.throwIfAborted();
    await client.query('BEGIN');
    const { rows } = await client.query(`SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCK}) AS mine`);
    const mine = rows[0].mine === true;
    if (mine) {
      await client.query('SET LOCAL statement_timeout = 0');
      // In one statement: half a log's old events gone would let a reader begin, and then find the hole.
      for (const table of ['inbox_events', 'idempotency_keys'])
        await client.query(deletionFrom(table, retentionDays));
    }
    await client.query('COMMIT');
    broken = false;
    return mine;
  } finally {
    signal?.removeEventListener('abort', giveUp);
    release(broken);
  }
}

function deletionFrom(table: string, retentionDays: number) {
  return {
    text: `DELETE FROM ${table} WHERE created_at < now() - make_interval(days => $1)`,
    values: [retentionDays],
    query_timeout: UNHURRIED_MS,
  };
}
