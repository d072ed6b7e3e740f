import { parseArgs } from 'node:util';
import { progressBar } from '../../src/lib/progress-bar.ts';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { formatTable } from '../support/table.ts';
import { type Holdings, holdingsOf, leftovers } from './aftermath.ts';
import type { Attack } from './attack.ts';
import { cut } from './cut.ts';
import { GROUPS } from './groups.ts';
import { type Result, Runner } from './run.ts';
import { startTargets, type Targets } from './target.ts';

/** `npm run attacks [-- --only <text>]`: every hostile input, what is expected of it, and what came of it. */
async function main(): Promise<void> {
  const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values;
  const chosen = GROUPS.map(({ name, attacks }) => ({
    name,
    attacks: attacks.filter((attack) => `${name}: ${attack.name}`.includes(only)),
  })).filter(({ attacks }) => attacks.length > 0);
  await globalSetup();
  try {
    const targets = await startTargets();
    try {
      await attackAll(targets, chosen);
    } finally {
      await targets[Symbol.asyncDispose]();
    }
  } finally {
    await globalTeardown();
  }
}

interface Row {
  readonly group: string;
  readonly attack: Attack;
  readonly result: Result;
}

interface Measured {
  readonly group: string;
  readonly form: string;
  readonly before: Holdings;
  readonly after: Holdings;
}

async function attackAll(targets: Targets, groups: typeof GROUPS): Promise<void> {
  const runner = new Runner(targets);
  const total = groups.reduce((sum, { attacks }) => sum + attacks.length, 0);
  const rows: Row[] = [];
  const measured: Measured[] = [];
  for (const { name: group, attacks } of groups) {
    const attacked = targets.all.filter(({ form }) => attacks.some(({ on = 'development' }) => on === form));
    const before = new Map<string, Holdings>();
    for (const target of attacked) before.set(target.form, await holdingsOf(target));
    for (const attack of attacks) {
      showProgress(rows.length, total, `${group}: ${attack.name}`);
      rows.push({ group, attack, result: await runner.run(attack) });
    }
    for (const target of attacked) {
      const start = before.get(target.form) as Holdings;
      measured.push({ group, form: target.form, before: start, after: await holdingsOf(target) });
    }
  }
  showProgress(total, total, '');
  print(rows, measured);
}

function print(rows: readonly Row[], measured: readonly Measured[]): void {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  say(formatTable(['#', 'group', 'attack', 'expected', 'observed', 'alive'], rows.map(cellsOf)));
  say(
    formatTable(
      ['group', 'server', 'held before', 'after', 'RSS before', 'after', 'peak', 'left behind'],
      measured.map(({ group, form, before, after }) => [
        group,
        form,
        ...[before.held, after.held, before.rss, after.rss, after.peakRss].map(megabytes),
        leftovers(before, after).join(', ') || 'nothing',
      ]),
    ),
  );
  const different = rows.filter(({ result }) => result.faults.length > 0);
  for (const { group, attack, result } of different)
    say([`${group}: ${attack.name}`, ...result.faults.map((fault) => `  ${fault}`), ''].join('\n'));
  const left = measured.flatMap(({ before, after }) => leftovers(before, after));
  const inputs = rows.reduce((sum, { attack }) => sum + (attack.inputs ?? 1), 0);
  say(
    `${rows.length} attacks with ${inputs} hostile inputs: ${rows.length - different.length} as expected, ${different.length} not; ${left.length} leftovers`,
  );
  if (different.length > 0 || left.length > 0) process.exitCode = 1;
}

function cellsOf({ group, attack, result }: Row, index: number): string[] {
  const { expected } = attack;
  return [
    `${index + 1}`,
    group,
    attack.on === 'production' ? `${attack.name} [production]` : attack.name,
    [expected].flat().join(' or '),
    `${result.faults.length === 0 ? '' : '! '}${result.observed}`,
    `${result.bystanderMs} ms`,
  ].map(cut);
}

/** Over one line of a terminal; nothing elsewhere. */
function showProgress(done: number, all: number, what: string): void {
  if (process.stderr.isTTY)
    process.stderr.write(
      `\r\x1b[K${done === all ? '' : `${progressBar(done, all)} ${done}/${all} ${cut(what)}`}`,
    );
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`;

await main();
