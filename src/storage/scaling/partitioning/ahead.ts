import type { ClientBase, Pool } from 'pg';
import { claim } from '../claim.ts';
import { withSession } from '../session.ts';
import { ShortLocks } from '../under-lock.ts';
import { type Blueprint, readBlueprint } from './blueprint.ts';
import { inForce, LIKE_MESSAGES, noDefaultPrivileges, ownTriggers, storageOf } from './make.ts';
import {
  boundsFrom,
  boundsOf,
  FUTURE,
  MONTHS_AHEAD,
  type Month,
  monthOf,
  monthsAfter,
  monthsUntil,
  monthsWithPartition,
  partitionOf,
  startOf,
} from './months.ts';
import { actAsOwner } from './objections.ts';
import { formOf, readProgress } from './state.ts';

/** More messages of one month than this are not taken out of the future: everybody would have to wait. */
const MOST_STRAYS = 1_000;

/**
 * Makes the partitions of this month and some more that are missing, if `messages` has any. Any number of nodes may do so
 * at once: one of them does, and none while a scaling command is at work.
 * @param directUrl of the database that `pool` leads to, not through a pooler
 * @throws when it could not make one; those before it are made
 */
export async function keepMonthsAhead(pool: Pool, directUrl: string, signal: AbortSignal): Promise<void> {
  if ((await formOf(pool)) === 'plain' || (await missingMonths(pool)).length === 0) return;
  await withSession(directUrl, async (session) => {
    if (!(await claim(session)) || (await readProgress(session)) !== null) return;
    await actAsOwner(session);
    const locks = new ShortLocks(session, () => {}, signal);
    const blueprint = await readBlueprint(session);
    // Another node may have been quicker.
    for (const month of await missingMonths(session)) await makeMonth(session, locks, blueprint, month);
  });
}

/** After the last that has one. */
async function missingMonths(session: Pick<ClientBase, 'query'>): Promise<readonly Month[]> {
  const { rows } = await session.query('SELECT now()');
  const last = (await monthsWithPartition(session)).at(-1);
  const goal = monthsAfter(monthOf(rows[0].now), MONTHS_AHEAD);
  return last === undefined ? [] : monthsUntil(monthsAfter(last, 1), goal);
}

/**
 * Takes the first month out of the future. What that has of the month moves without a word to anybody: it stays the same
 * message.
 */
async function makeMonth(
  session: ClientBase,
  locks: ShortLocks,
  blueprint: Blueprint,
  month: Month,
): Promise<void> {
  const next = monthsAfter(month, 1);
  const inMonth = `created_at < '${startOf(next)}'`;
  const { rows } = await session.query(
    `SELECT count(*)::int AS strays FROM (SELECT FROM ${FUTURE} WHERE ${inMonth} LIMIT ${MOST_STRAYS + 1}) found`,
  );
  if (rows[0].strays > MOST_STRAYS)
    throw new Error(
      `${FUTURE} has more than ${MOST_STRAYS} messages of ${month}, for whose move everybody would have to wait: they stay there, with all that is later.`,
    );
  const partition = `${blueprint.schema}.${partitionOf(month)}`;
  const columns = blueprint.columns.join(', ');
  await locks.run(
    partition,
    [
      'LOCK TABLE ONLY messages IN ACCESS EXCLUSIVE MODE',
      `ALTER TABLE messages DETACH PARTITION ${FUTURE}`,
      `CREATE TABLE ${partition} ${LIKE_MESSAGES} ${storageOf(blueprint)}`,
      noDefaultPrivileges(partition),
      `ALTER TABLE ${FUTURE} DISABLE TRIGGER USER`,
      `WITH moved AS (DELETE FROM ${FUTURE} WHERE ${inMonth} RETURNING ${columns})
        INSERT INTO ${partition} (${columns}) SELECT ${columns} FROM moved`,
      `ALTER TABLE ${FUTURE} ENABLE TRIGGER USER`,
      `ALTER TABLE messages ATTACH PARTITION ${partition} ${boundsOf(month)}`,
      ...ownTriggers(blueprint, partition),
      `ALTER TABLE messages ATTACH PARTITION ${FUTURE} ${boundsFrom(next)}`,
      ...blueprint.triggers.map((trigger) => inForce(trigger, FUTURE)),
    ].join(';\n'),
  );
}
