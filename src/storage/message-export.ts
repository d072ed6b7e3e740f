import pg from 'pg';
import type { Timestamp } from '../lib/rfc3339.ts';
import { Unavailable } from '../messaging/errors.ts';
import { sqlState } from './errors.ts';
import { connectionExecutor } from './executor.ts';
import { nameOf, reasonOf } from './migrations/error.ts';
import {
  BATCH_ROWS,
  DECLARE_EXPORT,
  ESTIMATE_EXPORT,
  EXPORT_SETTINGS,
  type ExportedMessage,
  FETCH_EXPORT,
} from './statements/message-export.ts';

export interface ExportRange {
  readonly since: Timestamp;
  /** Not included; `null` for no end. */
  readonly until: Timestamp | null;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** How long a connection may be silent before the other end is asked for a sign of life. */
const KEEP_ALIVE_MS = 30_000;

const [UNDEFINED_TABLE, UNDEFINED_COLUMN] = ['42P01', '42703'];

/**
 * All messages of the range in the order of (created_at, id), in batches, as they are at one moment. The next batch is read
 * when the last one has been taken: PostgreSQL holds no more than its place in an index.
 * @param onEstimate hears about how many there are, before the first
 * @throws an error whose message is one line for the operator, without the password
 */
export async function* exportMessages(
  databaseUrl: string,
  { since, until }: ExportRange,
  onEstimate: (messages: number) => void,
): AsyncGenerator<readonly ExportedMessage[]> {
  const target = nameOf(databaseUrl);
  const range = [since, until ?? 'infinity'];
  const client = await connect(databaseUrl, target);
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost ??= error;
  });
  try {
    await client.query(BEGIN);
    const { rows } = await client.query(ESTIMATE_EXPORT, range);
    onEstimate(rows[0]['QUERY PLAN'][0].Plan['Plan Rows']);
    await client.query(DECLARE_EXPORT, range);
    const executor = connectionExecutor(client);
    let batch: readonly ExportedMessage[];
    do {
      batch = await executor.run(FETCH_EXPORT, []);
      yield batch;
    } while (batch.length === BATCH_ROWS);
  } catch (error) {
    // Lost between two statements, the next one says only that there is no connection.
    throw explain(lost ?? error, target);
  } finally {
    await client.end().catch(() => {});
  }
}

/** In one message, so that a pooler has no chance to change the connection. */
const BEGIN = [
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  ...Object.entries(EXPORT_SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${value}`),
].join(';');

async function connect(connectionString: string, target: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'parley-export',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // Without a listener a lost connection would end the process; the next statement reports it anyway.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Error(oneLine(`Cannot reach ${target}: ${reasonOf(error)}.`), { cause: error });
  }
  return client;
}

function explain(error: unknown, target: string): Error {
  const cause = error instanceof Unavailable ? error.cause : error;
  const state = sqlState(cause);
  const problem =
    state === UNDEFINED_TABLE || state === UNDEFINED_COLUMN
      ? `There are not the tables of this Parley in ${target}; run npm run db:migrate first: `
      : `The export from ${target} has failed: `;
  return new Error(oneLine(`${problem}${reasonOf(cause)}.`), { cause });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
