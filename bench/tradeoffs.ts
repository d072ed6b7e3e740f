// `npm run bench:tradeoffs [-- --quick]`: what each read strategy, phase and index costs and gains, measured.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../src/lib/command.ts';
import { startBenchCluster } from './database/cluster.ts';
import { dropCopies } from './database/kept-database.ts';
import { startHttpLoad } from './load/load-process.ts';
import { untilInterrupted } from './support/interruption.ts';
import { Progress } from './support/progress.ts';
import { drawTradeoffs } from './tradeoffs/chart.ts';
import { compareForms } from './tradeoffs/compare-forms.ts';
import { describeTradeoffs, documentTradeoffs } from './tradeoffs/describe.ts';
import { chooseForms } from './tradeoffs/forms.ts';
import { compareIndexes } from './tradeoffs/indexes/compare-indexes.ts';
import { readTradeoffOptions, type TradeoffOptions } from './tradeoffs/options.ts';
import type { SizeResult, TradeoffResults } from './tradeoffs/results.ts';
import { checkRoom } from './tradeoffs/room.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));

/** Up to ten servers with some ten connections each are up at a time. */
const SETTINGS = { max_connections: '300' };

/** @returns all that was measured; each size goes to `keep` with those before it as soon as it is known */
async function measure(
  options: TradeoffOptions,
  keep: (results: TradeoffResults) => Promise<void>,
  signal: AbortSignal,
): Promise<TradeoffResults> {
  const progress = new Progress();
  const { forms, leftOut } = chooseForms();
  for (const messages of options.sizes) process.stderr.write(`${await checkRoom(messages, forms)}.\n`);
  await using cluster = await startBenchCluster((line) => progress.begin(line), { settings: SETTINGS });
  signal.throwIfAborted();
  // Whatever is being done needs the database: without it, it fails, and everything is closed behind it.
  signal.addEventListener('abort', () => cluster.stop().catch(() => {}));
  await dropCopies(cluster.url);
  const sizes: SizeResult[] = [];
  const results: TradeoffResults = {
    at: new Date().toISOString(),
    command: ['npm run bench:tradeoffs --', ...process.argv.slice(2)].join(' '),
    node: process.version,
    cpus: cpus().length,
    quick: options.quick,
    rounds: options.pace.rounds,
    patienceMs: options.patienceMs,
    leftOut,
    sizes,
  };
  for (const messages of options.sizes) {
    await using load = await startHttpLoad();
    const ground = { messages, adminUrl: cluster.url, load, options, progress, signal };
    const compared = await compareForms(forms, ground);
    signal.throwIfAborted();
    sizes.push({ messages, ...compared, indexes: await compareIndexes(ground) });
    await keep(results);
  }
  return results;
}

async function write(results: TradeoffResults, { publish }: TradeoffOptions): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const chart = drawTradeoffs(results);
  await writeFile(`${RESULTS}tradeoffs.json`, JSON.stringify(results, null, 2));
  await writeFile(`${RESULTS}tradeoffs.svg`, chart);
  if (!publish) return;
  await writeFile(`${DOCS}tradeoffs.svg`, chart);
  await writeFile(`${DOCS}tradeoffs.md`, documentTradeoffs(results));
}

await runCommand(async () => {
  const options = readTradeoffOptions(process.argv.slice(2));
  const keep = (results: TradeoffResults) => write(results, options);
  const results = await untilInterrupted((signal) => measure(options, keep, signal));
  process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : describeTradeoffs(results));
});
