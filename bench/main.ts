// `npm run bench`: Parley beside its peers, over real HTTP, in one run.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../src/lib/command.ts';
import { whyNot } from './contestants/availability.ts';
import type { ContestantName } from './contestants/contestant.ts';
import { installPeers } from './contestants/install-peers.ts';
import { startBenchCluster } from './database/cluster.ts';
import { messagesOf } from './database/contents.ts';
import { keptDatabase } from './database/kept-database.ts';
import { startHttpLoad } from './load/load-process.ts';
import { measureGrowth } from './measure/growth.ts';
import { compareContestants } from './measure/run.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { measurePush } from './push/measure.ts';
import { drawChart } from './report/chart.ts';
import { describeResults } from './report/describe.ts';
import type { Results } from './report/results.ts';
import { growthRows, targetRows } from './report/targets.ts';
import { describeProfiles } from './report/where-time-goes.ts';
import { checkFileDescriptors } from './sockets/file-descriptors.ts';
import { untilInterrupted } from './support/interruption.ts';
import { Progress } from './support/progress.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));

/** Puts the chart where the documentation shows it. */
async function publish(chart: string): Promise<void> {
  await mkdir(DOCS, { recursive: true });
  await writeFile(`${DOCS}bench.svg`, chart);
}

/** Nothing is started where nothing of it is asked for. */
async function measureOverHttp(
  options: BenchOptions,
  contestants: readonly ContestantName[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Pick<Results, 'starts' | 'work' | 'growth'>> {
  if (options.work.length === 0 && !options.growth) return { starts: [], work: [], growth: [] };
  // A first run installs and builds at the same time: both leave a processor free now and then.
  const begin = (line: string) => progress.begin(line);
  const installing = installPeers(contestants, (peers) => begin(`npm installs ${peers.join(', ')}`), signal);
  installing.catch(() => {}); // it is awaited below
  await using cluster = await startBenchCluster(begin);
  signal.throwIfAborted();
  // Whatever is being done needs the database: without it, it fails, and everything is closed behind it.
  signal.addEventListener('abort', () => cluster.stop().catch(() => {}));
  const [database] = await Promise.all([
    keptDatabase(cluster.url, messagesOf(options.messages), progress),
    installing,
  ]);
  await using load = await startHttpLoad();
  const surroundings = { adminUrl: cluster.url, load, progress };
  const compared = await compareContestants({ ...options, contestants }, database, surroundings);
  const growth = options.growth ? await measureGrowth(options.pace, surroundings) : [];
  return { ...compared, growth };
}

await runCommand(async () => {
  const begun = new Date();
  const options = readOptions(process.argv.slice(2));
  const progress = new Progress();
  const results = await untilInterrupted(async (signal): Promise<Results> => {
    const contestants = options.contestants.filter((name) => whyNot(name) === null);
    if (options.push.parts.includes('idle-sockets')) checkFileDescriptors(options.push.idleSockets);
    const overHttp = await measureOverHttp(options, contestants, progress, signal);
    signal.throwIfAborted();
    const push = options.push.parts.length === 0 ? null : await measurePush(options.push);
    return {
      at: new Date().toISOString(),
      node: process.version,
      cpus: cpus().length,
      messages: options.messages,
      rounds: options.pace.rounds,
      leftOut: options.work.length === 0 ? [] : options.contestants.flatMap((name) => whyNot(name) ?? []),
      ...overHttp,
      push,
      targets: [...targetRows(overHttp.work), ...overHttp.growth.flatMap(growthRows), ...(push?.rows ?? [])],
    };
  });
  await mkdir(RESULTS, { recursive: true });
  const json = JSON.stringify(results, null, 2);
  await writeFile(`${RESULTS}bench.json`, json);
  const chart = drawChart(results);
  if (chart !== null) await writeFile(`${RESULTS}bench.svg`, chart);
  if (chart !== null && options.publish) await publish(chart);
  process.stdout.write(options.json ? `${json}\n` : describeResults(results, options.push));
  if (options.profile && !options.json) process.stdout.write(`\n${await describeProfiles(RESULTS, begun)}`);
});
