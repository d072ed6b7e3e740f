import type { ClientBase } from 'pg';
import { type Batches, inBatches, type PassWatcher } from '../batches.ts';
import type { Blueprint } from './blueprint.ts';
import { COPY_LOCK } from './mirror.ts';
import { NEXT, readProgress } from './state.ts';

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
  await fromWhereItStopped(session, watcher, signal, async (after, until, rows) => {
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
  await fromWhereItStopped(session, watcher, signal, async (after, until, rows) => {
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

/** From where it stopped last to the end; each transaction also notes how far it has come. */
async function fromWhereItStopped(
  session: ClientBase,
  watcher: PassWatcher,
  signal: AbortSignal,
  work: Batches['work'],
): Promise<void> {
  const progress = await readProgress(session);
  if (progress === null) throw new Error('No change of form has begun.');
  const batches: Batches = {
    begin: `SELECT pg_advisory_xact_lock(${COPY_LOCK})`,
    work,
    end: (reached) => `UPDATE ${NEXT}.progress SET reached = ${reached}`,
  };
  await inBatches(session, progress, batches, watcher, signal);
}
