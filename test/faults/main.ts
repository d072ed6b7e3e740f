import { readFile } from 'node:fs/promises';
import { runCommand } from '../../src/lib/command.ts';
import { noRedis } from '../support/redis-path.js';

import { noSmallDisk } from '../support/small-disk.ts';
import { readArguments, USAGE, type Wish } from './arguments.ts';
import type { Anomaly } from './checker/anomaly.ts';
import { judge } from './checker/judge.ts';
import { fromNdjson } from './history/history.ts';
import { cutRedisLong } from './injections/redis.ts';
import { planRound, planSlowly } from './plan.ts';
import { Progress } from './report/progress.ts';
import { type RoundReport, run } from './run.ts';

/** Shown of one round; the kept history has all. */
const MAX_ANOMALIES_SHOWN = 10;

const write = (text: string) => process.stdout.write(text);

async function main(): Promise<void> {
  const wish = readArguments(process.argv.slice(2));
  if (wish.kind === 'help') write(USAGE);
  if (wish.kind === 'judge') await judgeAgain(wish.file);
  if (wish.kind === 'run') await play(wish);
}

async function judgeAgain(file: string): Promise<void> {
  const anomalies = judge(fromNdjson(await readFile(file, 'utf8')));
  for (const { name, detail } of anomalies) write(`${name}: ${detail}\n`);
  write(`${anomalies.length} anomalies\n`);
  if (anomalies.length > 0) process.exitCode = 1;
}

async function play({ seed, rounds, only, faults, long }: Extract<Wish, { kind: 'run' }>): Promise<void> {
  write(`seed ${seed}\n`);
  if (noRedis !== null) write(`Faults of Redis are left out: ${noRedis}\n`);
  if (noSmallDisk !== null) write(`The full disk is left out: ${noSmallDisk}\n`);
  const withLong = long && noRedis === null;
  const total = rounds.length + (withLong ? 1 : 0);
  const progress = new Progress(process.stdout, total);
  let done = 0;
  const tally = await run(
    (system) => [
      ...rounds.map((number) => planRound(system, seed, number, faults)),
      ...(withLong ? [planSlowly(seed, rounds.length, cutRedisLong)] : []),
    ],
    {
      signal: stopSignal(),
      onRound(report) {
        complain(progress, report, only);
        progress.advance(++done, describe(report));
      },
      onEnd: (anomalies) => show(progress, anomalies),
    },
  );
  write(`\n${tally}\nseed ${seed}: ${done} rounds, ${tally.anomalies} anomalies\n`);
  if (tally.anomalies > 0 || done < total) process.exitCode = 1;
}

function describe({ plan, ms, events, anomalies }: RoundReport): string {
  const faults = plan.faults.map(({ fault }) => fault.name).join(', ');
  const seconds = (ms / 1_000).toFixed(1);
  return `round ${plan.number}: ${faults} (${plan.bus}), ${seconds} s, ${events.length} events, ${anomalies.length} anomalies`;
}

function complain(progress: Progress, { plan, anomalies, kept }: RoundReport, only: string | null): void {
  if (anomalies.length === 0) return;
  show(progress, anomalies);
  const same = only === null ? '' : ` --only "${only}"`;
  progress.keep(`  repeat: npm run faults -- --seed ${plan.seed} --round ${plan.number}${same}`);
  progress.keep(`  judge again: npm run faults -- --judge ${kept}`);
}

function show(progress: Progress, anomalies: readonly Anomaly[]): void {
  for (const { name, detail } of anomalies.slice(0, MAX_ANOMALIES_SHOWN))
    progress.keep(`  ${name}: ${detail}`);
  const rest = anomalies.length - MAX_ANOMALIES_SHOWN;
  if (rest > 0) progress.keep(`  and ${rest} more`);
}

/** The round that runs is finished first; who asks twice gets the end at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  return stop.signal;
}

await runCommand(main);
