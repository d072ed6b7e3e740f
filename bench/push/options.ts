import { parseArgs } from 'node:util';
import { FULL, PARTS, type Part, type PushOptions, QUICK } from './presets.ts';

const USAGE = `node --import ./test/support/register-typescript.js bench/push.ts [options]

  --only <parts>   some of ${PARTS.join(',')}
  --rounds <n>     rounds, whose medians are shown (${FULL.rounds})
  --seconds <n>    for which each traffic lasts (${FULL.seconds})
  --sockets <n>    idle ones, whose memory is measured (${FULL.idleSockets})
  --quick          one round of ${QUICK.seconds} s each, with ${QUICK.idleSockets} idle sockets
  --json           print the results as JSON instead of tables
  --profile        write CPU profiles of the servers that push to bench/results/
`;

const OPTIONS = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  sockets: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
} as const;

/** @throws what is wrong with them, and the usage. */
export function readOptions(args: readonly string[]): PushOptions & { readonly json: boolean } {
  const { quick, json, profile, ...values } = parse(args);
  const base = quick ? QUICK : FULL;
  return {
    parts: values.only === undefined ? base.parts : values.only.split(',').map(part),
    rounds: positive('rounds', values.rounds, base.rounds),
    seconds: positive('seconds', values.seconds, base.seconds),
    deployments: base.deployments,
    sizes: base.sizes,
    idleSockets: positive('sockets', values.sockets, base.idleSockets),
    profile,
    json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}

function part(text: string): Part {
  const found = PARTS.find((known) => known === text);
  if (found === undefined) throw new Error(`--only takes some of ${PARTS.join(',')}.\n\n${USAGE}`);
  return found;
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} takes a whole number from 1.\n\n${USAGE}`);
  return Number(text);
}
