import { copyDatabase } from '../database/kept-database.ts';
import { openDatabase } from '../database/open.ts';
import type { HttpLoad } from '../load/load-process.ts';
import type { BenchOptions } from '../options.ts';
import type { WorkResult } from '../report/results.ts';
import type { Progress } from '../support/progress.ts';
import { enter } from './entrant.ts';
import { profile } from './profile.ts';
import { measureInTurn } from './rounds.ts';
import { type Start, startAll } from './start-all.ts';

export interface Surroundings {
  /** Of the cluster's superuser. */
  readonly adminUrl: string;
  readonly load: HttpLoad;
  readonly progress: Progress;
}

/**
 * Parley beside its peers.
 * @param kept the address of their database, of which they get a copy to write to
 */
export async function compareContestants(
  options: BenchOptions,
  kept: string,
  { adminUrl, load, progress }: Surroundings,
): Promise<{ readonly starts: readonly Start[]; readonly work: readonly WorkResult[] }> {
  await using copy = options.work.some(({ writes }) => writes) ? await copyDatabase(adminUrl, kept) : null;
  const url = copy?.url ?? kept;
  await using started = await startAll(options.contestants, url, progress);
  const { servers, starts } = started;
  await using database = openDatabase(url);

  const compare = async () => {
    const results: WorkResult[] = [];
    const { firstWarmUpMs, ...pace } = options.pace;
    for (const work of options.work) {
      progress.begin(`${work.name}: answers are checked`);
      const cases = await work.cases(database);
      const entrants = [];
      for (const server of servers.filter(({ name }) => work.contestants.includes(name))) {
        await work.restore?.(database);
        entrants.push(await enter(load, server.name, server, { database }, work, cases));
      }
      const warmUpMs = results.length === 0 ? firstWarmUpMs : pace.warmUpMs;
      const rounds = { work, entrants, load, pace: { ...pace, warmUpMs }, progress };
      results.push({ key: work.key, name: work.name, measured: await measureInTurn(rounds) });
      if (options.profile) await profile(rounds);
    }
    return results;
  };
  // A server that is lost says why; the load would only miss it.
  const work = await Promise.race([compare(), ...servers.map((server) => server.failure())]);
  progress.end();
  return { starts, work };
}
