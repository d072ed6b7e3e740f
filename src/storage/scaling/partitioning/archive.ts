import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { SQLSTATE, sqlState } from '../../errors.ts';
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
import { actAsOwner } from './objections.ts';
import { formOf, readProgress } from './state.ts';

/** Where old messages are kept, a table for each month; nobody is shown them. */
export const ARCHIVE = 'parley_archive';

/** In one transaction; a batch is as large as fits this time: their people may have to wait for it. */
const BATCH_MS = 50;
const BATCH_ROWS = { first: 50, most: 1_000 };
/** After each batch, as a share of the time that it took, the database has to itself. */
const REST = 1;

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
      messages += await move(session, `${partition} WHERE ${condition}`, kept, moved, signal);
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
  if ((await readProgress(session)) !== null)
    throw new Error(
      'Nothing was changed: npm run scale -- partition has not come to its end. Run it again first.',
    );
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
      `ALTER TABLE ${table} ALTER COLUMN id DROP DEFAULT`,
      `CREATE INDEX ON ${table} (id)`,
      `CREATE INDEX ON ${table} (sender_id)`,
      `CREATE INDEX ON ${table} (receiver_id)`,
      ...foreignKeys(table),
    ].join(';\n'),
  );
}

/** Back into `messages`, as if they had been sent again. @returns as `archive` does, with tables that are no more */
export async function restore(
  session: ClientBase,
  onMoved: (messages: number) => void,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Archived> {
  await actAsOwner(session);
  const locks = new ShortLocks(session, tell, signal);
  const { rows } = await session.query(
    `SELECT relname::text AS name FROM pg_class WHERE relnamespace = to_regnamespace('${ARCHIVE}') AND relkind = 'r'
     ORDER BY relname DESC`,
  );
  const tables: string[] = [];
  let messages = 0;
  for (const { name } of rows) {
    const table = `${ARCHIVE}.${name}`;
    tables.push(table);
    const moved = (count: number) => onMoved(messages + count);
    messages += await move(session, `${table} WHERE true`, 'messages', moved, signal);
    // It locks users for a moment.
    await locks.drop(table);
  }
  await session.query(`DROP SCHEMA IF EXISTS ${ARCHIVE}`);
  return { tables, messages };
}

/** A release that came between may have given `messages` more of them. */
async function columnsOfBoth(session: ClientBase, a: string, b: string): Promise<string> {
  const { rows } = await session.query(
    `SELECT string_agg(quote_ident(attname), ', ') AS columns FROM (
       SELECT attname FROM pg_attribute
       WHERE attrelid IN ('${a}'::regclass, '${b}'::regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
       GROUP BY attname HAVING count(*) = 2) both_have`,
  );
  return rows[0].columns;
}

/** In the order of ids, as every writer of several messages must. */
async function move(
  session: ClientBase,
  from: string,
  to: string,
  onMoved: (messages: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const [table] = from.split(' ');
  const columns = await columnsOfBoth(session, table as string, to);
  let size = BATCH_ROWS.first;
  for (let all = 0; ; ) {
    signal.throwIfAborted();
    const begun = performance.now();
    const moving = session.query(
      `WITH due AS MATERIALIZED (
         SELECT id, created_at FROM ${from} ORDER BY id LIMIT ${size} FOR UPDATE
       ), gone AS (
         DELETE FROM ${table} m USING due
         WHERE m.id = due.id AND m.created_at BETWEEN due.created_at AND due.created_at RETURNING m.*
       ), kept AS (
         INSERT INTO ${to} (${columns}) SELECT ${columns} FROM gone RETURNING 1
       )
       SELECT count(*)::int AS moved FROM kept`,
    );
    const moved = await moving.then(
      ({ rows }) => rows[0].moved as number,
      (error) => {
        // One of them has just been moved to another partition.
        if (sqlState(error) !== SQLSTATE.SERIALIZATION_FAILURE) throw error;
        return null;
      },
    );
    if (moved === 0) return all;
    all += moved ?? 0;
    onMoved(all);
    const took = performance.now() - begun;
    size = Math.max(1, Math.min(BATCH_ROWS.most, Math.round(took > BATCH_MS ? size / 2 : size * 1.5)));
    await delay(took * REST, undefined, { signal });
  }
}
