// `npm run bench:reports [-- --quick]`: what reports and exports cost everybody else: one message, and a send, beside them.
import { parseArgs } from 'node:util';
import { runCommand } from '../src/lib/command.ts';
import { formatTable } from '../test/support/table.ts';
import { BACKGROUNDS, type Background, type Site } from './background/background.ts';
import type { Contestant } from './contestants/contestant.ts';
import { startBenchCluster } from './database/cluster.ts';
import { messagesOf } from './database/contents.ts';
import { copyDatabase, keptDatabase } from './database/kept-database.ts';
import { openDatabase } from './database/open.ts';
import { startHttpLoad } from './load/load-process.ts';
import { enter } from './measure/entrant.ts';
import { measureSlot, type Slot } from './measure/slot.ts';
import { startAll } from './measure/start-all.ts';
import { untilInterrupted } from './support/interruption.ts';
import { Progress } from './support/progress.ts';
import { median } from './support/statistics.ts';
import { ONE_MESSAGE } from './workloads/one-message.ts';
import { SEND } from './workloads/send.ts';

/** One shows what a user feels while there is room, many what is left where there is none. */
const CONNECTIONS = [1, 16];
/** Of an administrator. */
const USER = 'person-1';

/** One work beside one background, with so many connections. */
interface Turn extends Slot {
  readonly background: string;
  /** How often that began meanwhile. */
  readonly begun: number;
  readonly work: string;
  readonly connections: number;
}

interface Size {
  readonly messages: number;
  readonly rounds: number;
  readonly slotMs: number;
}

const FULL: Size = { messages: 1_000_000, rounds: 3, slotMs: 3_000 };
const QUICK: Size = { messages: 100_000, rounds: 3, slotMs: 1_000 };

async function measure({ messages, rounds, slotMs }: Size, signal: AbortSignal): Promise<readonly Turn[]> {
  const progress = new Progress();
  await using cluster = await startBenchCluster((line) => progress.begin(line));
  signal.throwIfAborted();
  // Whatever is being done needs the database: without it, it fails, and everything is closed behind it.
  signal.addEventListener('abort', () => cluster.stop().catch(() => {}));
  const kept = await keptDatabase(cluster.url, messagesOf(messages), progress);
  await using copy = await copyDatabase(cluster.url, kept);
  await using database = openDatabase(copy.url);
  await using started = await startAll(['parley'], copy.url, progress);
  const [server] = started.servers as [Contestant];
  await using load = await startHttpLoad();
  const entrants = [];
  for (const work of [ONE_MESSAGE, SEND])
    entrants.push(await enter(load, work.name, server, { database }, work, await work.cases(database)));
  const site = { url: server.url, databaseUrl: copy.url, user: USER };

  const turns: Turn[] = [];
  // The first round warms everything up, and does not count.
  for (let round = 0; round <= rounds; round++) {
    progress.begin(`round ${round} of ${rounds}`);
    for (const [background, go] of Object.entries(BACKGROUNDS))
      for (const entrant of entrants)
        for (const connections of CONNECTIONS) {
          const options = { load, connections, stint: { ms: slotMs, once: false } };
          const { slot, begun } = await beside(go, site, () => measureSlot(entrant, options));
          if (round > 0) turns.push({ ...slot, background, begun, work: entrant.name, connections });
        }
  }
  progress.end();
  return turns;
}

/** Lets the background go on while the work is measured. */
async function beside(background: Background, site: Site, work: () => Promise<Slot>) {
  const stop = new AbortController();
  const going = background(site, stop.signal);
  going.catch(() => {}); // it is awaited below
  const slot = await work().finally(() => stop.abort());
  return { slot, begun: await going };
}

function describe(turns: readonly Turn[]): string {
  const rows = CONNECTIONS.flatMap((connections) =>
    [ONE_MESSAGE, SEND].flatMap(({ name: work }) =>
      Object.keys(BACKGROUNDS).map((background) => {
        const same = turns.filter(
          (turn) => turn.connections === connections && turn.work === work && turn.background === background,
        );
        const middle = (value: (turn: Turn) => number) => median(same.map(value));
        const begun = same.reduce((sum, turn) => sum + turn.begun, 0);
        const [p50, p99] = [middle((turn) => turn.p50).toFixed(2), middle((turn) => turn.p99).toFixed(1)];
        return [
          work,
          connections,
          background,
          begun,
          p50,
          p99,
          middle((turn) => turn.requestsPerSecond).toFixed(0),
        ];
      }),
    ),
  );
  return formatTable(['work', 'connections', 'beside', 'begun', 'p50, ms', 'p99, ms', 'a second'], rows);
}

await runCommand(async () => {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const turns = await untilInterrupted((signal) => measure(values.quick ? QUICK : FULL, signal));
  process.stdout.write(describe(turns));
});
