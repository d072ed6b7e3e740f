import type { Client } from 'pg';
import type { ScaleConfig } from '../../config.ts';
import { interruption } from '../../lib/interruption.ts';
import { EmbeddedPostgresError } from '../../storage/embedded/error.ts';
import { visitEmbeddedPostgres } from '../../storage/embedded/visit.ts';
import { withSession } from '../../storage/scaling/session.ts';

/**
 * A session on the database that is set, or on the embedded one, which is started for it when no server is running.
 * @param work is told to stop by its signal
 */
export async function withDatabase<T>(
  { database }: ScaleConfig,
  work: (client: Client, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  // From here on: a server that was started would outlive this process.
  const interrupted = interruption();
  interrupted.catch((error) => stop.abort(error));
  const session = (url: string) =>
    Promise.race([withSession(url, (client) => work(client, stop.signal)), interrupted]);
  if (database.kind === 'external') return session(database.directUrl);
  const { directory } = database;
  try {
    return await visitEmbeddedPostgres(directory, session);
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError) || error.code !== 'NO_DATABASE') throw error;
    throw new Error(
      `DATABASE_URL is missing, and there is no embedded database in ${directory}: which database is meant?`,
      { cause: error },
    );
  }
}
