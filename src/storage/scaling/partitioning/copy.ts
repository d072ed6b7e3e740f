import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../../errors.ts';
import { Pace } from '../pace.ts';
import { holders } from '../under-lock.ts';
import type { Blueprint } from './blueprint.ts';
import { COPY_LOCK } from './mirror.ts';
import { NEXT, readProgress } from './state.ts';

const BATCH_ROWS = { first: 500, most: 10_000 };
/** Who waits for this batch waits for whoever it waits for; and less than `deadlock_timeout`, so that nobody is failed. */
const LOCK_TIMEOUT_MS = 50;
/** The last one where a message has just moved to another partition. */
const MADE_WAY = new Set<string>([
  SQLSTATE.LOCK_NOT_AVAILABLE,
  SQLSTATE.DEADLOCK_DETECTED,
  SQLSTATE.SERIALIZATION_FAILURE,
]);

export interface PassWatcher {
  /** How far it has come, from 0 to 1, and how long others may have waited for this part of it. */
  onAdvance(done: number, ms: number): void;
  /** Why it does not get on. */
  tell(line: string): void;
}

/** After as many tries, who is in the way is told, and again after as many more. */
const TRIES_UNTIL_TOLD = 50;

/** From the first message to the last one that may have been written without the triggers. */
export async function noteRange(session: ClientBase): Promise<void> {
  await session.query(`
    UPDATE ${NEXT}.progress SET (since, reached, until) =
      (SELECT least, least, greatest FROM (
        SELECT coalesce(min(id), 1) - 1 AS least, coalesce(max(id), 0) AS greatest FROM messages) range)
    WHERE until = 0`);
}

/**
 * Copies in batches by id. Each row is locked as by a foreign key's check, so that one that is deleted meanwhile does not
 * come back: whoever deletes it waits, and deletes the copy too. Who changes it does not wait; of the copy and the change
 * the change stays.
 */
export async function copyMessages(
  session: ClientBase,
  { columns }: Blueprint,
  watcher: PassWatcher,
  signal: AbortSignal,
): Promise<void> {
  const all = columns.join(', ');
  await inBatches(session, watcher, signal, async (after, until, rows) => {
    const result = await session.query(
      `WITH taken AS MATERIALIZED (
         SELECT ${all} FROM messages WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3 FOR KEY SHARE
       ), copied AS (
         INSERT INTO ${NEXT}.messages (${all}) SELECT ${all} FROM taken ON CONFLICT DO NOTHING
       )
       SELECT coalesce((SELECT max(id) FROM taken HAVING count(*) = $3), $2::bigint)::text AS reached`,
      [after, until, rows],
    );
    return result.rows[0].reached;
  });
}

/** @throws when the two tables do not hold the same messages */
export async function compareMessages(
  session: ClientBase,
  { columns }: Blueprint,
  watcher: PassWatcher,
  signal: AbortSignal,
): Promise<void> {
  const digest = (table: string) =>
    `(SELECT (count(*), sum(hashtextextended(ROW (${columns.join(', ')})::text, 0)))::text FROM ${table}
      WHERE id > $1 AND id <= (SELECT id FROM bound))`;
  await inBatches(session, watcher, signal, async (after, until, rows) => {
    // Both from one snapshot.
    const { rows: found } = await session.query(
      `WITH bound AS MATERIALIZED (
         SELECT coalesce((SELECT id FROM messages WHERE id > $1 AND id <= $2 ORDER BY id OFFSET $3 - 1 LIMIT 1), $2) AS id
       )
       SELECT id::text AS reached, ${digest('messages')} = ${digest(`${NEXT}.messages`)} AS same FROM bound`,
      [after, until, rows],
    );
    const { reached, same } = found[0];
    if (!same)
      throw new Error(
        `The copies of messages ${after} to ${reached} differ from them, as after a write that bypasses triggers. Nothing is lost: undo it by going the other way, and begin again.`,
      );
    return reached;
  });
}

/** Walks from where it stopped last to the end, each batch in a transaction that also notes how far it has come. */
async function inBatches(
  session: ClientBase,
  watcher: PassWatcher,
  signal: AbortSignal,
  batch: (after: string, until: string, rows: number) => Promise<string>,
): Promise<void> {
  const progress = await readProgress(session);
  if (progress === null) throw new Error('No change of form has begun.');
  const { since, until } = progress;
  let { reached } = progress;
  const pace = new Pace(BATCH_ROWS);
  let tries = 0;
  while (reached < until) {
    signal.throwIfAborted();
    let begun = performance.now();
    try {
      await session.query(
        `BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SELECT pg_advisory_xact_lock(${COPY_LOCK})`,
      );
      // Nobody has waited for it until here, so that a smaller batch would not help.
      begun = performance.now();
      const next = await batch(String(reached), String(until), pace.rows);
      await session.query(`UPDATE ${NEXT}.progress SET reached = ${next}; COMMIT`);
      reached = BigInt(next);
      tries = 0;
      watcher.onAdvance(Number(reached - since) / Number(until - since), performance.now() - begun);
    } catch (error) {
      // A connection that was lost has said so already.
      await session.query('ROLLBACK').catch(() => {});
      if (!MADE_WAY.has(sqlState(error) ?? '')) throw error;
      if (++tries % TRIES_UNTIL_TOLD === 0)
        watcher.tell(`message ${reached + 1n} and on: waiting for ${await holders(session)}`);
    }
    await pace.rest(performance.now() - begun, signal);
  }
}
