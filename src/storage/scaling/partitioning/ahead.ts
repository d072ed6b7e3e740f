import type { ClientBase, Pool } from 'pg';
import { claim } from '../claim.ts';
import { withSession } from '../session.ts';
import { ShortLocks } from '../under-lock.ts';
import { type Blueprint, readBlueprint } from './blueprint.ts';
import { DEFAULT_PARTITION, inForce, LIKE_MESSAGES, ownTriggers, storageOf } from './make.ts';
import {
  boundsOf,
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

/** More messages of one month than this are not taken out of the default partition: everybody would have to wait. */
const MOST_STRAYS = 1_000;

/**
 * Makes the partitions of this month and some more that are missing, if `messages` has any. Any number of nodes may do so
 * at once: one of them does, and none while a scaling command is at work.
 * @param directUrl of the database that `pool` leads to, not through a pooler
 * @throws when it could not make one; the others are made all the same
 */
export async function keepMonthsAhead(pool: Pool, directUrl: string, signal: AbortSignal): Promise<void> {
  if ((await formOf(pool)) === 'plain' || (await missingMonths(pool)).length === 0) return;
  await withSession(directUrl, async (session) => {
    if (!(await claim(session)) || (await readProgress(session)) !== null) return;
    await actAsOwner(session);
    const locks = new ShortLocks(session, () => {}, signal);
    const blueprint = await readBlueprint(session);
    const failures: unknown[] = [];
    // Another node may have been quicker.
    for (const month of await missingMonths(session))
      await makeMonth(session, locks, blueprint, month).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
}

async function missingMonths(session: Pick<ClientBase, 'query'>): Promise<readonly Month[]> {
  const { rows } = await session.query('SELECT now()');
  const present = monthOf(rows[0].now);
  const made = await monthsWithPartition(session);
  return monthsUntil(present, monthsAfter(present, MONTHS_AHEAD)).filter((month) => !made.includes(month));
}

/**
 * The new partition is made aside and then attached, for which nobody has to wait who only reads or writes other months.
 * What the default partition has of that month moves without a word to anybody: it stays the same message.
 */
export async function makeMonth(
  session: ClientBase,
  locks: ShortLocks,
  blueprint: Blueprint,
  month: Month,
): Promise<void> {
  const inMonth = `created_at >= '${startOf(month)}' AND created_at < '${startOf(monthsAfter(month, 1))}'`;
  const { rows } = await session.query(
    `SELECT count(*)::int AS strays FROM (SELECT FROM ${DEFAULT_PARTITION} WHERE ${inMonth} LIMIT ${MOST_STRAYS + 1}) found`,
  );
  if (rows[0].strays > MOST_STRAYS)
    throw new Error(
      `${DEFAULT_PARTITION} has more than ${MOST_STRAYS} messages of ${month}, which would have to wait while they move: that month stays there.`,
    );
  const partition = `${blueprint.schema}.${partitionOf(month)}`;
  const columns = blueprint.columns.join(', ');
  await locks.run(
    partition,
    [
      `CREATE TABLE ${partition} ${LIKE_MESSAGES} ${storageOf(blueprint)}`,
      `LOCK TABLE ${DEFAULT_PARTITION} IN ACCESS EXCLUSIVE MODE`,
      `ALTER TABLE ${DEFAULT_PARTITION} DISABLE TRIGGER USER`,
      `WITH moved AS (DELETE FROM ${DEFAULT_PARTITION} WHERE ${inMonth} RETURNING ${columns})
        INSERT INTO ${partition} (${columns}) SELECT ${columns} FROM moved`,
      ...blueprint.triggers.map((trigger) => inForce(trigger, DEFAULT_PARTITION)),
      `ALTER TABLE messages ATTACH PARTITION ${partition} ${boundsOf(month)}`,
      ...ownTriggers(blueprint, partition),
    ].join(';\n'),
  );
}
