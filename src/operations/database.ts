import type { OperatorsDatabase } from '../database-config.ts';
import { interruption } from '../lib/interruption.ts';
import { EmbeddedPostgresError } from '../storage/embedded/error.ts';
import { visitEmbeddedPostgres } from '../storage/embedded/visit.ts';

/**
 * Gives `work` the address of the database, of the embedded one while its server runs; one that no server runs is started
 * for it, and stopped again. A signal to stop ends it all.
 * @param work is told to stop by its signal, too
 */
export async function withDatabase<T>(
  database: OperatorsDatabase,
  work: (url: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  // From here on: a server that was started would outlive this process.
  const interrupted = interruption();
  interrupted.catch((error) => stop.abort(error));
  const visit = (url: string) => Promise.race([work(url, stop.signal), interrupted]);
  if (database.kind === 'external') return visit(database.directUrl);
  const { directory } = database;
  try {
    return await visitEmbeddedPostgres(directory, visit);
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError) || error.code !== 'NO_DATABASE') throw error;
    throw new Error(
      `DATABASE_URL is missing, and there is no embedded database in ${directory}: which database is meant?`,
      { cause: error },
    );
  }
}
