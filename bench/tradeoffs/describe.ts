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
Partitions are made once, and what was made is cloned for the forms that have them. Storage is of messages with partitions, indexes and view, after VACUUM; it has the room that a command leaves for later writes.
Staleness is the worst of 3, read in a row by one client. Renames are plain SQL; rows are all that they write.
Indexes: a copy of the database without that index beside one that has all, in turn; SQL stands for reads that no
part of the API makes. The 500 ms of a full scan depend on this machine and on what it keeps in memory.
`;

const QUICK =
  'A QUICK RUN: few messages and short turns. It shows that all of it works; its numbers decide nothing.\n';

/** The results as text for a terminal. */
export function describeTradeoffs(results: TradeoffResults): string {
  const { quick, leftOut, sizes } = results;
  return [
    `\n${machine(results)}\n`,
    ...(quick ? [QUICK] : []),
    ...sizes.flatMap((size) => describeSize(size, (title) => `${size.messages} messages: ${title}\n`)),
    ...leftOut,
    `\n${method(results)}`,
  ].join('\n');
}

/** The results as a document, whose chart lies beside it. */
export function documentTradeoffs(results: TradeoffResults): string {
  const { at, command, quick, leftOut, sizes } = results;
  return [
    '# What each read strategy, phase and index costs\n',
    `Written by \`${command}\` on ${at.slice(0, 10)} (${machine(results)}), and by nobody else: a run on your`,
    'machine, with as many messages as you have, says more. [How to read it](scaling.md#what-each-way-costs).\n',
    ...(quick ? [QUICK] : []),
    '![What a read, a send and a message take in each form](tradeoffs.svg)\n',
    ...sizes.flatMap((size) => [
      `## ${size.messages.toLocaleString('en')} messages\n`,
      ...describeSize(size, (title) => `### ${capital(title)}\n`),
    ]),
    ...leftOut,
    `## Method\n\n${method(results)}`,
  ].join('\n');
}

const machine = ({ node, cpus, rounds }: TradeoffResults) =>
  `node ${node}, ${cpus} CPUs, ${counted(rounds, 'round')}`;

const method = ({ patienceMs }: TradeoffResults) =>
  `Other programs' writes were waited for ${patienceMs / 1_000} s at most.\n${METHOD}`;

const describeSize = (size: SizeResult, heading: (title: string) => string) => [
  heading('reads and sends'),
  workTable(size),
  heading('making, keeping, renaming'),
  keepingTable(size),
  heading('staleness and scans'),
  stalenessTable(size),
  heading('each index on and off'),
  indexTable(size),
  heading('what the design claims'),
  ...verdictsOf(size).map(
    ({ claim, verdict, measured }) => `- ${claim}: ${verdict.toUpperCase()}. ${capital(measured)}.`,
  ),
  '',
];

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
