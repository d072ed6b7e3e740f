import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { PARLEYS_NAMING } from '../contestants/naming.ts';
import { Connection } from '../load/connection.ts';
import { authorizationOf } from '../support/environment.ts';
import { MESSAGE_PAGE } from '../workloads/message-page.ts';
import { type Pair, shuffled } from '../workloads/rows.ts';
import type { Deployment } from './deployment.ts';

export const WRITES = ['insert', 'edit', 'delete', 'rename'] as const;
export type Write = (typeof WRITES)[number];

/** How long what another program wrote was not to be seen, at worst. */
export interface Staleness {
  /** From its commit to the first answer with it; `null` where it did not come while it was waited for. */
  readonly ms: number | null;
  /** Answers that were without it. */
  readonly staleAnswers: number;
  /** Whether a refresh of the materialized view brought it; `null` where none was needed, or there is none. */
  readonly afterRefresh: boolean | null;
}

const TIMES = 3;

/** Two in whose conversation nothing has happened since it was made: one is written to, in the other somebody is renamed. */
const PAIRS = `
  SELECT r.external_id AS viewer, receiver_id AS "viewerId", sender_id AS "peerId"
  FROM bench_directions
  JOIN users r ON r.id = receiver_id
  JOIN conversations c ON c.user_id = receiver_id AND c.peer_id = sender_id
  WHERE messages >= 10 AND c.last_id <= (SELECT sum(messages) FROM bench_directions)
  ORDER BY ${shuffled('sender_id', 'receiver_id')} LIMIT 2`;

/** Reads a conversation, as its client does, while another program writes to it past the server. */
export async function measureStaleness(
  { server, backend: { database } }: Deployment,
  patienceMs: number,
): Promise<Readonly<Record<Write, Staleness>>> {
  const { rows } = await database.query<Pair>(PAIRS);
  const [written, renamed] = rows;
  if (written === undefined || renamed === undefined)
    throw new Error('The database has too few conversations to write to.');
  const connection = new Connection(new URL(server.url).origin);
  const worst = new Map<Write, Staleness>();
  try {
    for (let i = 0; i < TIMES; i++) {
      const writes = { ...writesTo(database, written), rename: await renameIn(database, renamed) };
      for (const write of WRITES) {
        const { go, shows, pair } = writes[write];
        const read = await readerOf(connection, pair);
        // Twice: so that what is kept is kept.
        await read();
        await read();
        await go();
        const found = await watch(read, shows, patienceMs);
        const afterRefresh = found.ms === null ? await refreshed(database, read, shows, patienceMs) : null;
        const before = worst.get(write);
        if (before === undefined || (before.ms ?? Infinity) < (found.ms ?? Infinity))
          worst.set(write, { ...found, afterRefresh });
      }
    }
  } finally {
    await connection.close();
  }
  return Object.fromEntries(worst) as Record<Write, Staleness>;
}

async function readerOf(connection: Connection, { viewer, peerId }: Pair): Promise<() => Promise<string>> {
  const authorization = await authorizationOf(viewer);
  const variables = { with: PARLEYS_NAMING.user(peerId), first: 50 };
  const body = JSON.stringify({ query: MESSAGE_PAGE, variables });
  return () => connection.send({ path: '/graphql', authorization, body });
}

interface ForeignWrite {
  /** Whose conversation it changes. */
  readonly pair: Pair;
  go(): Promise<unknown>;
  /** Whether an answer has it. */
  shows(answer: string): boolean;
}

/** In their order: each is of what the one before has left. */
function writesTo(database: Pool, pair: Pair): Readonly<Record<Exclude<Write, 'rename'>, ForeignWrite>> {
  const { viewerId, peerId } = pair;
  const [first, second] = [randomUUID(), randomUUID()];
  return {
    insert: {
      pair,
      go: () =>
        database.query(`INSERT INTO messages (sender_id, receiver_id, message_text) VALUES ($1, $2, $3)`, [
          peerId,
          viewerId,
          first,
        ]),
      shows: (answer) => answer.includes(first),
    },
    edit: {
      pair,
      go: () =>
        database.query(`UPDATE messages SET message_text = $1 WHERE ${THAT}`, [
          second,
          peerId,
          viewerId,
          first,
        ]),
      shows: (answer) => answer.includes(second),
    },
    delete: {
      pair,
      go: () =>
        database.query(`DELETE FROM messages WHERE $1 <> '' AND ${THAT}`, ['-', peerId, viewerId, second]),
      shows: (answer) => !answer.includes(second) && !answer.includes(first),
    },
  };
}

/** Seen where all messages have the new name: those that have come since a refresh have another source than the others. */
async function renameIn(database: Pool, pair: Pair): Promise<ForeignWrite> {
  const { rows } = await database.query<{ username: string }>('SELECT username FROM users WHERE id = $1', [
    pair.peerId,
  ]);
  const [before, name] = [JSON.stringify(rows[0]?.username), randomUUID()];
  return {
    pair,
    go: () => database.query('UPDATE users SET username = $2 WHERE id = $1', [pair.peerId, name]),
    shows: (answer) => answer.includes(name) && !answer.includes(before),
  };
}

const THAT = 'sender_id = $2 AND receiver_id = $3 AND message_text = $4';

async function watch(read: () => Promise<string>, shows: ForeignWrite['shows'], patienceMs: number) {
  const writtenAt = performance.now();
  for (let staleAnswers = 0; ; staleAnswers++) {
    const shown = shows(await read());
    const ms = performance.now() - writtenAt;
    if (shown) return { ms, staleAnswers };
    if (ms > patienceMs) return { ms: null, staleAnswers: staleAnswers + 1 };
  }
}

/** What the hourly refresh does is done now. */
async function refreshed(
  database: Pool,
  read: () => Promise<string>,
  shows: ForeignWrite['shows'],
  patienceMs: number,
): Promise<boolean | null> {
  const { rows } = await database.query<{ view: string }>(
    `SELECT quote_ident(matviewname) AS view FROM pg_matviews WHERE schemaname = 'public'`,
  );
  if (rows.length === 0) return null;
  for (const { view } of rows) await database.query(`REFRESH MATERIALIZED VIEW CONCURRENTLY ${view}`);
  return (await watch(read, shows, patienceMs)).ms !== null;
}
