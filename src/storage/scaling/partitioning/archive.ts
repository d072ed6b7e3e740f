import type { ClientBase } from 'pg';
import { dropNames } from '../denormalizing/triggers.ts';
import { ShortLocks } from '../under-lock.ts';
import { readBlueprint } from './blueprint.ts';
import { LIKE_MESSAGES, noDefaultPrivileges } from './make.ts';
import {
  boundsBefore,
  type Month,
  monthOf,
  monthsAfter,
  monthsWithPartition,
  PAST,
  partitionOf,
  startOf,
} from './months.ts';
import { moveMessages } from './move.ts';
import { actAsOwner } from './objections.ts';
import { expectOneForm, formOf } from './state.ts';

/** Where old messages are kept, a table for each month; nobody is shown them. */
export const ARCHIVE = 'parley_archive';

export interface Archived {
  /** The tables in `parley_archive` that have messages now. */
  readonly tables: readonly string[];
  readonly messages: number;
}

/**
 * Moves all messages from before a month out of `messages`, while others read and write. To their people they are deleted:
 * lists and unread counts follow, and subscribers hear of it. Partitions that are empty then are taken off. Interrupted, it
 * is gone on with by calling it again: each message is in one of both places at any time.
 * @param session under the claim of scaling commands
 */
export async function archive(
  session: ClientBase,
  before: Month,
  onMoved: (messages: number) => void,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Archived> {
  await expectPartitions(session, before);
  await actAsOwner(session);
  const locks = new ShortLocks(session, tell, signal);
  const months = (await monthsWithPartition(session)).filter((month) => month < before);
  await session.query(`CREATE SCHEMA IF NOT EXISTS ${ARCHIVE}`);
  const tables: string[] = [];
  let messages = 0;
  for (const partition of [PAST, ...months.map(partitionOf)]) {
    const kept = `${ARCHIVE}.${partition}`;
    const condition = `created_at < '${startOf(before)}'`;
    const { rows } = await session.query(
      `SELECT EXISTS (SELECT FROM ${partition} WHERE ${condition}) AS found`,
    );
    if (rows[0].found) {
      await keepTable(session, locks, kept);
      tables.push(kept);
      const moved = (count: number) => onMoved(messages + count);
      messages += await moveMessages(session, `${partition} WHERE ${condition}`, kept, moved, signal);
    }
  }
  const { columns } = await readBlueprint(session);
  for (const month of months) await takeOff(locks, month, columns.join(', '));
  return { tables, messages };
}

/** The oldest month becomes part of the past. What has been written to it just now stays, in the past. */
async function takeOff(locks: ShortLocks, month: Month, columns: string): Promise<void> {
  const partition = partitionOf(month);
  await locks.run(
    partition,
    [
      'LOCK TABLE ONLY messages IN ACCESS EXCLUSIVE MODE',
      `ALTER TABLE messages DETACH PARTITION ${PAST}`,
      `ALTER TABLE messages DETACH PARTITION ${partition}`,
      `ALTER TABLE ${PAST} DISABLE TRIGGER USER`,
      `INSERT INTO ${PAST} (${columns}) SELECT ${columns} FROM ${partition}`,
      `ALTER TABLE ${PAST} ENABLE TRIGGER USER`,
      `DROP TABLE ${partition}`,
      `ALTER TABLE messages ATTACH PARTITION ${PAST} ${boundsBefore(monthsAfter(month, 1))}`,
    ].join(';\n'),
  );
}

async function expectPartitions(session: ClientBase, before: Month): Promise<void> {
  const { rows } = await session.query('SELECT now()');
  const present = monthOf(rows[0].now);
  if (before > present)
    throw new Error(`Nothing was changed: --before takes ${present} or an earlier month, not ${before}.`);
  await expectOneForm(session);
  if ((await formOf(session)) === 'plain')
    throw new Error('Nothing was changed: messages is one table. Run npm run scale -- partition first.');
}

/** Who is deleted takes their messages along from there, too. */
async function keepTable(session: ClientBase, locks: ShortLocks, table: string): Promise<void> {
  const { rows } = await session.query(`SELECT to_regclass('${table}') IS NULL AS missing`);
  if (!rows[0].missing) return;
  const { foreignKeys } = await readBlueprint(session);
  await locks.run(
    table,
    [
      `CREATE TABLE ${table} ${LIKE_MESSAGES}`,
      noDefaultPrivileges(table),
      // No rename comes here; they get their names again when they come back.
      dropNames(table),
      `ALTER TABLE ${table} ALTER COLUMN id DROP DEFAULT`,
      `CREATE INDEX ON ${table} (id)`,
      `CREATE INDEX ON ${table} (sender_id)`,
      `CREATE INDEX ON ${table} (receiver_id)`,
      ...foreignKeys(table),
    ].join(';\n'),
  );
}
