import { parseArgs } from 'node:util';
import { CONTESTANTS, type ContestantName } from './contestants/contestant.ts';
import { LEAST_MESSAGES } from './database/shape.ts';
import type { Pace } from './measure/rounds.ts';
import { FULL, PARTS, type PushOptions, QUICK } from './push/presets.ts';
import { hasTarget } from './report/targets.ts';
import { WORKLOADS } from './workloads/all.ts';
import type { Workload } from './workloads/workload.ts';

export interface BenchOptions {
  /** In the database. */
  readonly messages: number;
  readonly pace: Pace;
  readonly work: readonly Workload[];
  readonly push: PushOptions;
  readonly contestants: readonly ContestantName[];
  /** Also Parley on much larger data. */
  readonly growth: boolean;
  /** Also CPU profiles of Parley, beside the results. */
  readonly profile: boolean;
  readonly json: boolean;
  /** Also puts the chart where the documentation shows it. */
  readonly publish: boolean;
}

const MEASURABLE = [...WORKLOADS.map(({ key }) => key), ...PARTS];
const MEASURED_QUICKLY = [...WORKLOADS.map(({ key }) => key).filter(hasTarget), ...QUICK.parts];
const NOT_QUICKLY = MEASURABLE.filter((name) => !MEASURED_QUICKLY.includes(name));

const USAGE = `npm run bench -- [options]

  --messages <n>        messages in the database (1000000)
  --rounds <n>          rounds, whose medians are shown (9; of pushing 3)
  --only <work,…>       ${MEASURABLE.join(', ')}
  --contestants <a,…>   ${CONTESTANTS.join(', ')}
  --growth              also Parley as the data grows to 5000000 messages, and one user's to 1000000 (part of a
                        run without --quick, --only and --contestants)
  --quick               100000 messages, few short rounds, fewer sockets; what has no target only when --only
                        names it: ${NOT_QUICKLY.join(', ')}
  --profile             write CPU profiles to bench/results/, and say where the time goes
  --json                print the results as JSON instead of tables
  --publish             copy the chart to docs/bench.svg
`;

const OPTIONS = {
  messages: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  contestants: { type: 'string' },
  growth: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  publish: { type: 'boolean', default: false },
} as const;

/** @throws what is wrong with them, and the usage. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { quick, growth, profile, json, publish, ...values } = parse(args);
  const rounds = whole('rounds', values.rounds ?? (quick ? '3' : '9'), 1);
  const unnamed = quick ? MEASURED_QUICKLY : MEASURABLE;
  const only = values.only === undefined ? unnamed : chosen('only', values.only, MEASURABLE, (name) => name);
  return {
    messages: whole('messages', values.messages ?? (quick ? '100000' : '1000000'), LEAST_MESSAGES),
    pace: quick
      ? { rounds, slotMs: 600, firstPassMs: 1_500, warmUpMs: 500, firstWarmUpMs: 1_500 }
      : { rounds, slotMs: 1_500, firstPassMs: 15_000, warmUpMs: 3_000, firstWarmUpMs: 3_000 },
    work: WORKLOADS.filter(({ key }) => only.includes(key)),
    push: {
      ...(quick ? QUICK : FULL),
      parts: PARTS.filter((part) => only.includes(part)),
      ...(values.rounds === undefined ? {} : { rounds }),
      profile,
    },
    contestants: chosen('contestants', values.contestants, CONTESTANTS, (name) => name),
    growth: growth || !(quick || values.only || values.contestants),
    profile,
    json,
    publish,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,8}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} takes a whole number from ${least}.\n\n${USAGE}`);
}

/** In their own order, all of them where nothing is named. */
function chosen<Item>(
  option: string,
  text: string | undefined,
  all: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Item[] {
  if (text === undefined) return all;
  const names = text.split(',');
  const unknown = names.find((name) => !all.some((item) => nameOf(item) === name));
  if (unknown !== undefined)
    throw new Error(`--${option} takes ${all.map(nameOf).join(', ')}, not "${unknown}".\n\n${USAGE}`);
  return all.filter((item) => names.includes(nameOf(item)));
}
