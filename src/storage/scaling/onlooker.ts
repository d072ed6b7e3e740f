import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { blockersOf, inWords } from './in-the-way.ts';

const LOOK_INTERVAL_MS = 2_500;
const TIMEOUT_MS = 10_000;

/**
 * Runs `work`, and tells who is in its way whenever one of its statements waits for more than a moment: while it waits, it
 * cannot say so itself. Without a second connection there is nobody to tell.
 * @param url where `session` is
 */
export async function withOnlooker<T>(
  url: string,
  session: pg.ClientBase,
  tell: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const { pid } = rows[0] as { pid: number };
  const done = new AbortController();
  const looking = lookAt(url, pid, tell, done.signal).catch(() => {});
  try {
    return await work();
  } finally {
    done.abort();
    await looking;
  }
}

/** @throws when the signal aborts, or what the database refuses */
async function lookAt(
  url: string,
  pid: number,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<never> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: 'parley-scale',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    let told: number | undefined;
    for (let seen: number | undefined; ; ) {
      await delay(LOOK_INTERVAL_MS, undefined, { signal });
      const found = await blockersOf(client, pid);
      const first = found[0]?.pid;
      // At two looks: who passes by is no news. And once: how long it has been so is known from then on.
      if (first !== undefined && first === seen && first !== told) tell(`waiting for ${inWords(found)}`);
      if (first === seen) told = first;
      seen = first;
    }
  } finally {
    await client.end();
  }
}
