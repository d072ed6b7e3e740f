import type { ClientBase } from 'pg';
import { ShortLocks } from '../under-lock.ts';
import { ARCHIVE, type Archived } from './archive.ts';
import { moveMessages } from './move.ts';
import { actAsOwner } from './objections.ts';

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
    messages += await moveMessages(session, `${table} WHERE true`, 'messages', moved, signal);
    // It locks users for a moment.
    await locks.drop(table);
  }
  await session.query(`DROP SCHEMA IF EXISTS ${ARCHIVE}`);
  return { tables, messages };
}
