import { counted } from '../support/counted.ts';
import { verdictsOf } from './claims.ts';
import type { SizeResult, TradeoffResults } from './results.ts';
import { indexTable, keepingTable, stalenessTable, workTable } from './tables.ts';

const METHOD = `Every form is a Parley of its own on a database of its own, cloned from one; all are up at the same time, and in every round
each has its turn, in an order that turns around. Shown are medians over the rounds; what is compared is compared round
by round, and is called clear where every round says the same by 3 % at least (by 10 % with fewer than 5 rounds). p50 is with 1 connection, CPU a request with 16, of
the server and all that serves it. "newest 50 messages" goes through up to 2,000 conversations drawn uniformly, each again
and again; the recent ones are 50 that are read over and over, as clients do; with a cold cache each is read once after
everything was taken out of Redis. The replica has a cluster of its own, which only it shares with its primary; the
machine is the same, so that its CPU is counted and not spared.
Partitions are made once, and what was made is cloned for the forms that have them. Storage is of messages with partitions, indexes and view, after VACUUM; it keeps the room of rows that a command has replaced.
Staleness is the worst of 3, read in a row by one client. Renames are plain SQL; rows are all that they write.
Indexes: a copy of the database without that index beside one that has all, in turn; SQL stands for reads that no
part of the API makes. The 500 ms of a full scan depend on this machine and on what it keeps in memory.
`;

/** The results as text for a terminal. */
export function describeTradeoffs(results: TradeoffResults): string {
  const { node, cpus, quick, rounds, patienceMs, leftOut, sizes } = results;
  return [
    `\nnode ${node}, ${cpus} CPUs, ${counted(rounds, 'round')}\n`,
    ...(quick
      ? [
          'A QUICK RUN: few messages and short turns. It shows that all of it works; its numbers decide nothing.\n',
        ]
      : []),
    ...sizes.flatMap(describeSize),
    ...leftOut,
    `\nOther programs' writes were waited for ${patienceMs / 1_000} s at most.`,
    METHOD,
  ].join('\n');
}

const describeSize = (size: SizeResult) => [
  `${size.messages} messages: reads and sends\n`,
  workTable(size),
  `${size.messages} messages: making, keeping, renaming\n`,
  keepingTable(size),
  `${size.messages} messages: staleness and scans\n`,
  stalenessTable(size),
  `${size.messages} messages: each index on and off\n`,
  indexTable(size),
  `${size.messages} messages: what the design claims\n`,
  ...verdictsOf(size).map(
    ({ claim, verdict, measured }) => `- ${claim}: ${verdict.toUpperCase()}. ${capital(measured)}.`,
  ),
  '',
];

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
