import { Cleanup } from '../../src/lib/cleanup.ts';
import { Contestant } from '../contestants/contestant.ts';
import { keptDatabase } from '../database/kept-database.ts';
import { openDatabase } from '../database/open.ts';
import type { GrowthResult, WorkResult } from '../report/results.ts';
import { CONVERSATION_LIST } from '../workloads/conversation-list.ts';
import { DEEP_PAGE } from '../workloads/deep-page.ts';
import { NEWEST_PAGE } from '../workloads/newest-page.ts';
import { enter } from './entrant.ts';
import { measureInTurn, type Pace } from './rounds.ts';
import type { Surroundings } from './run.ts';

const FEW = 10_000;
const MANY = 5_000_000;

/** Parley on few messages and Parley on many, in turn: what a page costs should not depend on how many there are. */
export async function measureGrowth(
  pace: Pace,
  { adminUrl, load, progress }: Surroundings,
): Promise<GrowthResult> {
  await using cleanup = new Cleanup();
  const start = async (messages: number) => {
    const url = await keptDatabase(adminUrl, messages, progress);
    progress.begin(`Parley starts on ${messages} messages`);
    const server = cleanup.use(await Contestant.start('parley', url));
    return { name: String(messages), server, database: cleanup.use(openDatabase(url)) };
  };
  const [few, many] = [await start(FEW), await start(MANY)];

  const compare = async () => {
    const results: WorkResult[] = [];
    for (const work of [NEWEST_PAGE, DEEP_PAGE, CONVERSATION_LIST]) {
      progress.begin(`${work.name}: answers are checked`);
      const entrants = [];
      for (const { name, server, database } of [few, many])
        entrants.push(await enter(load, name, server, work, await work.cases(database)));
      // Both databases are of one PostgreSQL, all of whose time is counted.
      const measured = await measureInTurn({
        work,
        entrants,
        database: few.database,
        load,
        pace,
        progress,
      });
      results.push({ key: work.key, name: work.name, measured });
    }
    return results;
  };
  const work = await Promise.race([compare(), few.server.failure(), many.server.failure()]);
  progress.end();
  return { few: FEW, many: MANY, work };
}
