import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly sockets: number;
  readonly rounds: number;
  /** Messages a second. */
  readonly rate: number;
  readonly json: boolean;
  /** Also CPU profiles and heap snapshots of both servers, beside the results. */
  readonly profile: boolean;
}

const USAGE = `npm run bench:sockets -- [options]

  --sockets <n>   subscribed sockets for each server (10000)
  --rounds <n>    rounds, whose medians are shown (3)
  --rate <n>      messages a second in the calm and in the storm (100)
  --quick         one round of 1000 sockets
  --json          print the results as JSON instead of a table
  --profile       write CPU profiles and heap snapshots of both servers to bench/results/
`;

const OPTIONS = {
  sockets: { type: 'string' },
  rounds: { type: 'string' },
  rate: { type: 'string', default: '100' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
} as const;

/** @throws what is wrong with them, and the usage. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { quick, json, profile, ...values } = parse(args);
  return {
    sockets: positive('sockets', values.sockets ?? (quick ? '1000' : '10000')),
    rounds: positive('rounds', values.rounds ?? (quick ? '1' : '3')),
    rate: positive('rate', values.rate),
    json,
    profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} takes a whole number from 1.\n\n${USAGE}`);
  return Number(text);
}
