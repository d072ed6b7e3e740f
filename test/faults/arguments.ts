import { parseArgs } from 'node:util';
import type { Fault } from './injections/fault.ts';
import { FAULTS } from './injections/faults.ts';

export const USAGE = `npm run faults -- [--rounds 100] [--seed N] [--round N] [--only FAULT] [--long]
npm run faults -- --judge FILE

  --rounds   how many rounds are played; each has one or two faults
  --seed     repeats the choices of an earlier run
  --round    plays this one round of the seed's rounds
  --only     a part of the name of the faults that every round has one of
  --long     one more round, in which Redis is cut off for 60 s
  --judge    judges a history that a run has kept
`;

const DEFAULT_ROUNDS = 100;
const MAX_SEED = 2 ** 31 - 1;

export type Wish =
  | { readonly kind: 'judge'; readonly file: string }
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      readonly seed: number;
      /** The numbers of the rounds. */
      readonly rounds: readonly number[];
      /** A part of their names; null for all. */
      readonly only: string | null;
      readonly faults: readonly Fault[];
      readonly long: boolean;
    };

/** @throws with a line for the person who typed it. */
export function readArguments(args: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seed: { type: 'string' },
      round: { type: 'string' },
      only: { type: 'string' },
      long: { type: 'boolean', default: false },
      judge: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { judge, help, only, long } = values;
  if (help) return { kind: 'help' };
  if (judge !== undefined) return { kind: 'judge', file: judge };
  const number = wholeNumber('round', values.round);
  const count = wholeNumber('rounds', values.rounds) ?? DEFAULT_ROUNDS;
  return {
    kind: 'run',
    seed: wholeNumber('seed', values.seed) ?? Math.floor(Math.random() * MAX_SEED),
    rounds: number === null ? Array.from({ length: count }, (_, i) => i) : [number],
    only: only ?? null,
    faults: faultsNamed(only),
    long,
  };
}

function faultsNamed(part: string | undefined): readonly Fault[] {
  const faults = FAULTS.filter(({ name }) => part === undefined || name.includes(part));
  if (faults.length > 0) return faults;
  const names = FAULTS.map(({ name }) => `  ${name}\n`).join('');
  throw new Error(`--only takes a part of one of these names, not "${part}":\n${names}`);
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}
