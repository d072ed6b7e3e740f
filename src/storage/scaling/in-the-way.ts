import type { ClientBase } from 'pg';

/** Whose transactions hold locks on messages or users, the oldest first. */
export const holders = (session: ClientBase): Promise<string> =>
  transactions(
    session,
    `a.pid <> pg_backend_pid() AND a.datname = current_database() AND a.pid IN (SELECT l.pid FROM pg_locks l
       WHERE l.granted AND l.relation IN (SELECT oid FROM pg_class WHERE relname IN ('messages', 'users')))`,
  ).then((who) => (who.length === 0 ? 'other transactions' : inWords(who)));

export interface Transaction {
  readonly pid: number;
  readonly who: string;
  readonly state: string | null;
  readonly seconds: number | null;
}

/** What these PostgreSQL processes are about; of those that have just gone, nothing. */
export const transactionsOf = (session: ClientBase, pids: readonly number[]): Promise<Transaction[]> =>
  transactions(session, `a.pid IN (${pids.join(', ')})`);

/** Whom the PostgreSQL process `pid` waits for, the oldest first; none while it does not wait. */
export const blockersOf = (session: ClientBase, pid: number): Promise<Transaction[]> =>
  transactions(session, `a.pid = ANY (pg_blocking_pids(${pid}))`);

/** Such as "PostgreSQL process 4711 (psql, idle in transaction, for 30 s)". */
export const inWords = (found: readonly Transaction[]): string =>
  found
    .map(({ pid, who, state, seconds }) => `PostgreSQL process ${pid} (${who}, ${state}, for ${seconds} s)`)
    .join(', ');

/** @param condition on pg_stat_activity, as `a` */
async function transactions(session: ClientBase, condition: string): Promise<Transaction[]> {
  const { rows } = await session.query<Transaction>(
    `SELECT a.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown') AS who, a.state,
       extract(epoch FROM now() - a.xact_start)::int AS seconds
     FROM pg_stat_activity a WHERE ${condition} ORDER BY a.xact_start NULLS LAST LIMIT 3`,
  );
  return rows;
}
