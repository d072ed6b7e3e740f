import { stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './error.ts';
import { runningPostmaster } from './postmaster.ts';
import { settle } from './settle.ts';
import { dataIn, readPassword, type Site, urlOf } from './site.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts';

/**
 * Gives `work` the address of the database that `directory` holds: of the server that runs there, whoever has started it, or
 * of one that is started for this and stopped afterwards. Makes no database.
 * @throws {EmbeddedPostgresError} NO_DATABASE, or what keeps it from being started
 */
export async function visitEmbeddedPostgres<T>(
  directory: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const site = await findSite(directory);
  const running = await urlOfRunning(site);
  if (running !== undefined) return work(running);
  let started: EmbeddedPostgres;
  try {
    started = await startEmbeddedPostgres({ directory });
  } catch (error) {
    // Another process has been faster: then its server will do.
    const url = isInUse(error) ? await urlOfRunning(site) : undefined;
    if (url === undefined) throw error;
    return work(url);
  }
  try {
    return await work(started.url);
  } finally {
    await started.stop();
  }
}

async function findSite(directory: string): Promise<Site> {
  // Settling makes the folder.
  if (await isThere(directory)) {
    const site = await settle(directory, undefined, () => {});
    if (await isThere(site.home)) return site;
  }
  throw new EmbeddedPostgresError('NO_DATABASE', `There is no database in ${directory}.`);
}

async function urlOfRunning({ home }: Site): Promise<string | undefined> {
  const running = await runningPostmaster(dataIn(home));
  return running && urlOf(await readPassword(home), running.port);
}

const isInUse = (error: unknown) => error instanceof EmbeddedPostgresError && error.code === 'IN_USE';

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
