import { formatTable } from '../../test/support/table.ts';
import type { Measured } from '../measure/rounds.ts';
import type { Slot } from '../measure/slot.ts';
import type { Start } from '../measure/start-all.ts';
import type { PushOptions } from '../push/presets.ts';
import { describePush, describePushMethod } from '../push/report.ts';
import { counted } from '../support/counted.ts';
import { median } from '../support/statistics.ts';
import type { Results, WorkResult } from './results.ts';
import { isReached, type TargetRow } from './target-row.ts';

const METHOD = `All servers stay up, each in a process of its own; in every round each has its turn, in an order that turns around;
shown are medians over the rounds, and the median of the rounds' own ratios. CPU is of the server's process; the load is a
process of its own, in which each connection sends its next request as soon as the last is answered. Requests vary over
up to 2,000 messages and people, each with that person's token. Every contestant has 10 connections to the same
PostgreSQL, with its durable defaults, and some 20 of its answers to each work were compared with the tables before.
CPU, database CPU (of all of PostgreSQL's processes) and SQL statements are per request; where requests that wait in the
same moment share a statement, that is less than one.
The peers do less: they take the token's claim without checking it, limit nothing, name rows by bare keys, and
write to a table without triggers, so that they keep no inbox, no conversation list and no unread counts. Parley's own
rate limits are off, because one user here does the work of thousands.
node-http-pg is node:http with hand-written JSON and one prepared statement a request, without GraphQL; mercurius runs
compiled (JIT) on the same SQL; yoga-prisma is GraphQL Yoga with Pothos' Prisma plugin; postgraphile makes its API from the tables.
`;

/** The results as text for a terminal. */
export function describeResults(results: Results, pushOptions: PushOptions): string {
  const { messages, rounds, node, cpus, starts, leftOut, work, growth, push, targets } = results;
  return [
    `\nnode ${node}, ${cpus} CPUs\n`,
    ...(work.length === 0
      ? []
      : [
          `Over HTTP: ${messages} messages, ${counted(rounds, 'round')}\n`,
          describeStarts(starts),
          describeWork(work),
        ]),
    ...growth.flatMap(({ unit, work }) => [`Parley alone, by ${unit}\n`, describeWork(work)]),
    ...(push === null ? [] : describePush(pushOptions, push)),
    ...(targets.length === 0
      ? []
      : ['What is to be reached: the ratio is of Parley to theirs\n', describeTargets(targets)]),
    ...leftOut,
    ...(push?.skipped ?? []),
    ...(work.length === 0 ? [] : [METHOD]),
    ...(push === null ? [] : describePushMethod(push)),
  ].join('\n');
}

function describeStarts(starts: readonly Start[]): string {
  return formatTable(
    ['server', 'starts in, ms', 'idle memory, MiB'],
    starts.map(({ name, startMs, idleRss }) => [name, startMs.toFixed(0), (idleRss / 1_048_576).toFixed(0)]),
  );
}

function describeWork(work: readonly WorkResult[]): string {
  const rows = work.flatMap(({ name, measured }) =>
    measured.flatMap(({ connections, slots }: Measured) =>
      Object.entries(slots).map(([contestant, ofContestant], i) => {
        const of = (read: (slot: Slot) => number | null, digits: number) =>
          format(ofContestant.map(read), digits);
        return [
          i === 0 ? name : '',
          i === 0 ? connections : '',
          contestant,
          of(({ serverCpu }) => serverCpu, 0),
          of(({ databaseCpu }) => databaseCpu, 0),
          of(({ requestsPerSecond }) => requestsPerSecond, 0),
          of(({ p50 }) => p50, 2),
          of(({ p99 }) => p99, 2),
          of(({ statements }) => statements, 2),
        ];
      }),
    ),
  );
  return formatTable(
    [
      'work',
      'connections',
      'server',
      'CPU, us',
      'database CPU, us',
      'requests/s',
      'p50, ms',
      'p99, ms',
      'statements',
    ],
    rows,
  );
}

function format(values: readonly (number | null)[], digits: number): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '' : median(known).toFixed(digits);
}

function describeTargets(rows: readonly TargetRow[]): string {
  return formatTable(
    ['work', 'against', 'measure', 'Parley', 'theirs', 'ratio', 'target', 'reached'],
    rows.map((row) => [
      row.work,
      row.against,
      row.measure,
      significant(row.ours),
      significant(row.theirs),
      row.ratio.toFixed(2),
      `${row.direction} ${row.target}`,
      isReached(row) ? 'yes' : 'NO',
    ]),
  );
}

/** Some three digits. */
function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
