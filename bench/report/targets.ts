import type { Slot } from '../measure/slot.ts';
import { counted } from '../support/counted.ts';
import { median } from '../support/statistics.ts';
import type { GrowthResult, WorkResult } from './results.ts';
import type { TargetRow } from './target-row.ts';

type Read = (slot: Slot) => number;

interface Target {
  readonly work: string;
  readonly connections: number;
  readonly against: string;
  readonly measure: string;
  readonly read: Read;
  readonly target: number;
  readonly direction: 'at most' | 'at least';
}

const CPU = {
  measure: 'server CPU, us',
  read: ({ serverCpu }: Slot) => serverCpu,
  direction: 'at most',
} as const;
const RATE = {
  measure: 'requests a second',
  read: ({ requestsPerSecond }: Slot) => requestsPerSecond,
  direction: 'at least',
} as const;

const TARGETS: readonly Target[] = [
  { work: 'one-message', against: 'node-http-pg', connections: 16, ...CPU, target: 1 },
  { work: 'one-message', against: 'mercurius', connections: 16, ...CPU, target: 0.7 },
  { work: 'one-message', against: 'mercurius', connections: 1, ...CPU, target: 1.1 },
  { work: 'one-message', against: 'yoga-prisma', connections: 16, ...CPU, target: 0.1 },
  { work: 'newest-50', against: 'node-http-pg', connections: 16, ...CPU, target: 1.1 },
  { work: 'newest-50', against: 'mercurius', connections: 16, ...CPU, target: 0.85 },
  { work: 'newest-50', against: 'mercurius', connections: 1, ...CPU, target: 1.2 },
  { work: 'newest-50', against: 'yoga-prisma', connections: 16, ...CPU, target: 0.15 },
  { work: 'send', against: 'node-http-pg', connections: 16, ...RATE, target: 1 },
  { work: 'send', against: 'node-http-pg', connections: 64, ...RATE, target: 1 },
  { work: 'send-to-one', against: 'node-http-pg', connections: 16, ...RATE, target: 0.5 },
];

/** Whether there is a target for this work, by its key. */
export const hasTarget = (work: string) => TARGETS.some((target) => target.work === work);

/** Of those contestants and works that were measured. */
export function targetRows(results: readonly WorkResult[]): TargetRow[] {
  return TARGETS.flatMap((target) => {
    const result = results.find(({ key }) => key === target.work);
    const { connections } = target;
    const measured = result?.measured.find((one) => one.connections === connections);
    const [ours, theirs] = [measured?.slots['parley'], measured?.slots[target.against]];
    if (result === undefined || ours === undefined || theirs === undefined) return [];
    const work = `${result.name}, ${counted(connections, 'connection')}`;
    return [compare({ ...target, work }, ours, theirs)];
  });
}

const GROWTH_TARGET = 1.2;

/** How much more time Parley takes on most messages than on fewest. */
export function growthRows({ unit, sizes, work }: GrowthResult): TargetRow[] {
  const [few = '', many = ''] = [sizes[0], sizes.at(-1)];
  return work.flatMap(({ name, measured }) =>
    measured.flatMap(({ connections, slots }) => {
      const [onMany, onFew] = [slots[many], slots[few]];
      if (onMany === undefined || onFew === undefined) return [];
      const readings: readonly (readonly [string, Read])[] =
        connections === 1 ? [['p50, ms', ({ p50 }) => p50]] : [cpuOf(onMany)];
      return readings.map(([measure, read]) =>
        compare(
          {
            work: `${name} of ${many} ${unit}`,
            against: `of ${few}`,
            measure: `${measure}, ${counted(connections, 'connection')}`,
            read,
            target: GROWTH_TARGET,
            direction: 'at most',
          },
          onMany,
          onFew,
        ),
      );
    }),
  );
}

/** The server's, and the database's where it can be had. */
function cpuOf(slots: readonly Slot[]): readonly [string, Read] {
  return slots.some(({ databaseCpu }) => databaseCpu === null)
    ? ['server CPU, us', ({ serverCpu }) => serverCpu]
    : ['server and database CPU, us', ({ serverCpu, databaseCpu }) => serverCpu + (databaseCpu ?? 0)];
}

type Comparison = Pick<Target, 'work' | 'against' | 'measure' | 'read' | 'target' | 'direction'>;

/** By the rounds: the n-th slot of the one with the n-th slot of the other. */
function compare(comparison: Comparison, ours: readonly Slot[], theirs: readonly Slot[]): TargetRow {
  const { read, ...row } = comparison;
  const [mine, others] = [ours.map(read), theirs.map(read)];
  return {
    work: row.work,
    against: row.against,
    measure: row.measure,
    ours: median(mine),
    theirs: median(others),
    ratio: median(mine.map((value, round) => value / (others[round] ?? Number.NaN))),
    target: row.target,
    direction: row.direction,
  };
}
