import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const HEARTBEAT_INTERVAL_MS = 10_000;
/** For connecting and for each question. */
const ANSWER_TIMEOUT_MS = 5_000;
const RECONNECT_PAUSE_MS = 500;
/** How long a connection that is closed waits for the server to close it too. */
const GOODBYE_TIMEOUT_MS = 500;
/** By which listeners know each other. */
const APPLICATION = 'parley-listen';

export interface ListenOptions {
  /** A direct connection, never through a pooler. */
  readonly url: string;
  readonly channel: string;
  /** Said on the channel whenever listening has begun. */
  readonly greeting: string;
  readonly onPayload: (payload: string) => void;
  /** Listening has begun, or begun again: what was notified before has been missed. */
  readonly onConnected: () => void;
  /** Whether others listen to this database. Told after `onConnected`, and every 10 s. */
  readonly onOthers: (listen: boolean) => void;
  readonly onError: (error: unknown) => void;
}

/** Keeps a connection that LISTENs, and replaces it when it is lost; until disposed. */
export function listen({ url, channel, greeting, ...on }: ListenOptions): AsyncDisposable {
  const stop = new AbortController();

  async function untilLost() {
    const socket = new Socket();
    const client = new pg.Client({
      stream: () => socket,
      connectionString: url,
      application_name: APPLICATION,
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
    });
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('notification', ({ payload = '' }) => on.onPayload(payload));
    const ended = AbortSignal.any([stop.signal, lost.signal]);
    try {
      await client.connect();
      // The address may have brought another name.
      await client.query(`SET application_name = '${APPLICATION}'`);
      await client.query(`LISTEN ${channel}`);
      await client.query('SELECT pg_notify($1, $2)', [channel, greeting]);
      on.onConnected();
      while (!ended.aborted) {
        // A connection that died silently shows it only when it is used.
        on.onOthers(await othersListen(client));
        await pause(HEARTBEAT_INTERVAL_MS, ended);
      }
      if (lost.signal.aborted) throw lost.signal.reason;
    } finally {
      // A server that has stopped answering would be waited for without end.
      const cut = setTimeout(() => socket.destroy(), GOODBYE_TIMEOUT_MS);
      await client.end().catch(() => {});
      clearTimeout(cut);
    }
  }

  async function keepListening() {
    while (!stop.signal.aborted) {
      await untilLost().catch(on.onError);
      await pause(RECONNECT_PAUSE_MS, stop.signal);
    }
  }

  const done = keepListening();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

async function othersListen(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ listen: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()
     ) AS listen`,
    [APPLICATION],
  );
  return rows[0]?.listen ?? true;
}

/** Sleeps, but not past an abort. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {});
}
