import { parseArgs } from 'node:util';
import { LEAST_MESSAGES } from '../database/shape.ts';
import type { Pace } from '../measure/rounds.ts';

export interface TradeoffOptions {
  /** How many messages there are, in one comparison after another. */
  readonly sizes: readonly number[];
  readonly pace: Pace;
  /** Milliseconds of each read with and without an index, in each round; a slow one is sent once. */
  readonly probeMs: number;
  /** How long a write of another program is waited for at most, in milliseconds. */
  readonly patienceMs: number;
  readonly quick: boolean;
  readonly json: boolean;
  /** Also writes docs/tradeoffs.md, with the chart beside it. */
  readonly publish: boolean;
}

const FULL_SIZES = [500_000, 5_000_000];
const QUICK_SIZES = [50_000];

/** With 5 million messages most of what is read first comes from the disk, of ten databases. */
const FIRST_PASS_MS = 60_000;

const USAGE = `npm run bench:tradeoffs -- [options]

  --messages <n>   messages in the database, one size alone (500000, and then 5000000)
  --rounds <n>     rounds, whose medians are shown (5)
  --quick          50000 messages, 3 short rounds: to see that it works, not to decide by
  --json           print the results as JSON instead of tables
  --publish        write docs/tradeoffs.md and its chart
`;

const OPTIONS = {
  messages: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  publish: { type: 'boolean', default: false },
} as const;

/** @throws what is wrong with them */
export function readTradeoffOptions(args: readonly string[]): TradeoffOptions {
  const { messages, rounds: asked, quick, json, publish } = parse(args);
  const rounds = asked === undefined ? (quick ? 3 : 5) : whole('rounds', asked, 1);
  const sizes = quick ? QUICK_SIZES : FULL_SIZES;
  return {
    sizes: messages === undefined ? sizes : [whole('messages', messages, LEAST_MESSAGES)],
    pace: quick
      ? { rounds, slotMs: 200, firstPassMs: 400, warmUpMs: 150, firstWarmUpMs: 1_000 }
      : { rounds, slotMs: 1_000, firstPassMs: FIRST_PASS_MS, warmUpMs: 700, firstWarmUpMs: 4_000 },
    probeMs: quick ? 60 : 500,
    patienceMs: quick ? 2_000 : 10_000,
    quick,
    json,
    publish,
  };
}

function parse(args: readonly string[]) {
  let values: ReturnType<
    typeof parseArgs<{ options: typeof OPTIONS & { help: { type: 'boolean' } } }>
  >['values'];
  try {
    values = parseArgs({ args: [...args], options: { ...OPTIONS, help: { type: 'boolean' } } }).values;
  } catch (error) {
    const [line] = (error as Error).message.split(/\. |\n/);
    throw new Error(`${line}. It takes --messages <n>, --rounds <n>, --quick, --json and --publish.`, {
      cause: error,
    });
  }
  if (values.help) throw new Error(USAGE);
  return values;
}

function whole(name: string, text: string, least: number): number {
  if (/^\d{1,8}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} takes a whole number from ${least} to 99999999, not "${text}".`);
}
