import pg from 'pg';
import { isPassing } from '../errors.ts';
import { whyTooOld } from '../fitness.ts';
import { describeMigrationStatus } from '../migrations/describe-status.ts';
import { MigrationError, nameOf, toMigrationError } from '../migrations/error.ts';
import { readMigrations } from '../migrations/source.ts';
import { checkMigrations, type Queryable } from '../migrations/status.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** Of each statement before `work` begins, which sets its own. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Gives `work` one connection to a database with exactly this build's migrations, and closes it afterwards.
 * @param url a direct connection, not one through a pooler: what is set holds for the session
 * @throws an error of one line that an operator can act on, for whatever the database refuses; other errors of `work` as
 * they are
 */
export async function withSession<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const target = nameOf(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'parley-scale',
  });
  // Without a listener a lost connection would end the process; the statement that it interrupts reports it.
  client.on('error', () => {});
  try {
    await client.connect().catch((error: unknown) => {
      throw toMigrationError(error, target, 'UNREACHABLE');
    });
    const bounded: Queryable = {
      query: (text) => client.query({ text, query_timeout: ANSWER_TIMEOUT_MS } as { text: string }),
    };
    await bounded.query(
      "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET default_transaction_isolation = 'read committed'",
    );
    const unfit = (await whyTooOld(bounded)) ?? (await whyOtherMigrations(bounded));
    if (unfit !== null) throw new Error(unfit);
    return await work(client);
  } catch (error) {
    throw inOneLine(error, target);
  } finally {
    await client.end();
  }
}

/** Servers go on with a later release's migrations; what these make of the tables is not known here, so this does not. */
async function whyOtherMigrations(queryable: Queryable): Promise<string | null> {
  const status = await checkMigrations(queryable, await readMigrations());
  if (status.kind === 'up-to-date') return null;
  const advice = status.kind === 'newer' ? " Run that release's npm run scale." : '';
  return describeMigrationStatus(status) + advice;
}

function inOneLine(error: unknown, target: string): unknown {
  if (error instanceof MigrationError) return error;
  if (!(error instanceof pg.DatabaseError) && !isPassing(error)) return error;
  const { message } = error as Error;
  const advice = isPassing(error) ? ' Run it again.' : '';
  return new Error(`Stopped in ${target}: ${message}.${advice}`.replaceAll(/\s+/g, ' '), { cause: error });
}
