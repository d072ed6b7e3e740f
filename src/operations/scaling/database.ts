import type { Client } from 'pg';
import type { ScaleConfig } from '../../config.ts';
import { interruption } from '../../lib/interruption.ts';
import { EmbeddedPostgresError } from '../../storage/embedded/error.ts';
import { visitEmbeddedPostgres } from '../../storage/embedded/visit.ts';
import { withSession } from '../../storage/scaling/session.ts';

/** A session on the database that is set, or on the embedded one, which is started for it when no server is running. */
export async function withDatabase<T>(
  { database }: ScaleConfig,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  if (database.kind === 'external') return withSession(database.directUrl, work);
  const { directory } = database;
  // From here on: a server that was started would outlive this process.
  const interrupted = interruption();
  try {
    return await visitEmbeddedPostgres(directory, (url) =>
      Promise.race([withSession(url, work), interrupted]),
    );
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError) || error.code !== 'NO_DATABASE') throw error;
    throw new Error(
      `DATABASE_URL is missing, and there is no embedded database in ${directory}: which database is meant?`,
      { cause: error },
    );
  }
}
