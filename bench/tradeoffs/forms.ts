import type { Config } from '../../src/config.ts';
import { noPgBouncer } from '../../test/support/pgbouncer.ts';
import { noRedis } from '../../test/support/redis-path.js';

type Strategy = Config['readStrategy'];

/** One way to run Parley. */
export interface Form {
  readonly name: string;
  readonly phase: 1 | 2 | 3;
  /** Its READ_STRATEGY. */
  readonly strategy: Strategy;
  /** Of `npm run scale`, which make its database out of one that is as the migrations leave it. */
  readonly commands: readonly string[];
  readonly through: 'replica' | 'pgbouncer' | null;
}

/** What everything is compared with. */
export const BASE = 'normalized';
export const PARTITIONED = 'normalized, partitions';
export const REPLICA = 'normalized, replica';
export const PGBOUNCER = 'normalized, PgBouncer';

/** The first command of every form of phase 3. */
export const PARTITION = 'partition';

const COMMANDS: Readonly<Record<Strategy, readonly string[]>> = {
  normalized: [],
  denormalized: ['denormalize'],
  cached: [],
  materialized: ['materialize'],
};

const STRATEGIES = Object.keys(COMMANDS) as readonly Strategy[];

const FORMS: readonly Form[] = [
  ...STRATEGIES.map((strategy) => ({
    name: strategy,
    phase: 1 as const,
    strategy,
    commands: COMMANDS[strategy],
    through: null,
  })),
  { name: REPLICA, phase: 2, strategy: 'normalized', commands: [], through: 'replica' },
  { name: PGBOUNCER, phase: 2, strategy: 'normalized', commands: [], through: 'pgbouncer' },
  ...STRATEGIES.map((strategy) => ({
    name: `${strategy}, partitions`,
    phase: 3 as const,
    strategy,
    commands: [PARTITION, ...COMMANDS[strategy]],
    through: null,
  })),
];

/** Those that can take part here, and why the others cannot, as sentences. */
export function chooseForms(): { readonly forms: readonly Form[]; readonly leftOut: readonly string[] } {
  const forms: Form[] = [];
  const leftOut: string[] = [];
  for (const form of FORMS) {
    const reason = whyNot(form);
    if (reason === null) forms.push(form);
    else leftOut.push(`${form.name} is left out: ${reason}.`);
  }
  return { forms, leftOut };
}

function whyNot({ strategy, through }: Form): string | null {
  if (strategy === 'cached') return noRedis;
  return through === 'pgbouncer' ? noPgBouncer : null;
}
