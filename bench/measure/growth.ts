import type { Pool } from 'pg';
import { Cleanup } from '../../src/lib/cleanup.ts';
import { Contestant } from '../contestants/contestant.ts';
import { type Content, historyOf, messagesOf } from '../database/contents.ts';
import { keptDatabase } from '../database/kept-database.ts';
import { openDatabase } from '../database/open.ts';
import type { GrowthResult, WorkResult } from '../report/results.ts';
import { CONVERSATION_LIST } from '../workloads/conversation-list.ts';
import { DEEP_PAGE } from '../workloads/deep-page.ts';
import { NEWEST_PAGE } from '../workloads/newest-page.ts';
import type { Workload } from '../workloads/workload.ts';
import { enter } from './entrant.ts';
import { measureInTurn, type Pace } from './rounds.ts';
import type { Surroundings } from './run.ts';

/** What grows, and what is done with each of its sizes; the smallest is first. */
interface Growth {
  /** What there is more and more of. */
  readonly unit: string;
  readonly contents: readonly Content[];
  readonly work: readonly Workload[];
}

const GROWTHS: readonly Growth[] = [
  {
    unit: 'messages in the database',
    contents: [10_000, 100_000, 1_000_000, 5_000_000].map(messagesOf),
    work: [NEWEST_PAGE, DEEP_PAGE, CONVERSATION_LIST],
  },
  {
    unit: 'messages of one user',
    contents: [100, 10_000, 1_000_000].map(historyOf),
    work: [NEWEST_PAGE, CONVERSATION_LIST],
  },
];

/** Parley on few messages and Parley on many, in turn: what a page costs should not depend on how many there are. */
export async function measureGrowth(
  pace: Pace,
  surroundings: Surroundings,
): Promise<readonly GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const growth of GROWTHS) results.push(await measureOne(growth, pace, surroundings));
  return results;
}

async function measureOne(
  { unit, contents, work: works }: Growth,
  pace: Pace,
  { adminUrl, load, progress }: Surroundings,
): Promise<GrowthResult> {
  await using cleanup = new Cleanup();
  const sizes: Size[] = [];
  for (const content of contents) {
    const url = await keptDatabase(adminUrl, content, progress);
    progress.begin(`Parley starts on ${content.messages} ${unit}`);
    const server = cleanup.use(await Contestant.start('parley', url));
    sizes.push({ name: String(content.messages), server, database: cleanup.use(openDatabase(url)) });
  }

  const compare = async () => {
    const results: WorkResult[] = [];
    for (const work of works) {
      progress.begin(`${work.name}: answers are checked`);
      const asked = await Promise.all(
        sizes.map(async (size) => ({ ...size, cases: await work.cases(size.database) })),
      );
      // Equally many: where there are few different requests, those that wait are often alike, and share an answer.
      const fewest = Math.min(...asked.map(({ cases }) => cases.length));
      const entrants = [];
      for (const { name, server, database, cases } of asked)
        entrants.push(await enter(load, name, server, { database }, work, cases.slice(0, fewest)));
      const measured = await measureInTurn({ work, entrants, load, pace, progress });
      results.push({ key: work.key, name: work.name, measured });
    }
    return results;
  };
  const work = await Promise.race([compare(), ...sizes.map(({ server }) => server.failure())]);
  progress.end();
  return { unit, sizes: sizes.map(({ name }) => name), work };
}

interface Size {
  readonly name: string;
  readonly server: Contestant;
  readonly database: Pool;
}
