import { cpus } from 'node:os';
import { formatTable } from '../../test/support/table.ts';
import type { Memory } from '../support/measured-server.ts';
import { median } from '../support/statistics.ts';
import type { ContestantName } from './contestant.ts';
import type { Report } from './load/protocol.ts';
import type { BenchOptions } from './options.ts';
import type { RoundResult } from './round.ts';

const METHOD = `Memory: after collections of garbage, less what the same process had before any socket was open, by the
number of sockets. Each round starts both servers anew. The bare server has no log: what is sent to who is away is lost.
`;

type Rounds = readonly RoundResult[];
type Read = (round: RoundResult) => number;

/** The results as text for a terminal: medians over the rounds; counts are of all rounds. */
export function describeResults(options: BenchOptions, results: Record<ContestantName, Rounds>): string {
  const { sockets, rounds, rate } = options;
  const { parley, bare } = results;

  const measured = (what: string, unit: string, read: Read, digits = 1): string[] => {
    const [ours, theirs] = [median(parley.map(read)), median(bare.map(read))];
    // Of few sockets a process may have less afterwards than before.
    const ratio = ours > 0 && theirs > 0 ? (ours / theirs).toFixed(2) : '';
    return [`${what}, ${unit}`, ours.toFixed(digits), theirs.toFixed(digits), ratio];
  };
  const counted = (what: string, read: Read): string[] => {
    return [what, `${sum(parley, read)}`, `${sum(bare, read)}`, ''];
  };
  const perSocket = (moment: 'idle' | 'afterStorm', read: (memory: Memory) => number): Read => {
    return ({ memory }) => (read(memory[moment]) - read(memory.empty)) / sockets / 1_024;
  };

  return [
    `\n${sockets} sockets, ${rounds} rounds, ${rate} messages a second; node ${process.version}, ${cpus().length} CPUs\n`,
    formatTable(
      ['', 'Parley', 'bare graphql-ws', 'ratio'],
      [
        measured(
          'idle subscribed socket, RSS',
          'KiB',
          perSocket('idle', ({ rss }) => rss),
        ),
        measured(
          '… JavaScript heap',
          'KiB',
          perSocket('idle', ({ heapUsed }) => heapUsed),
        ),
        measured(
          '… buffers outside of it',
          'KiB',
          perSocket('idle', ({ external }) => external),
        ),
        measured('connect and subscribe all', 's', ({ connect }) => connect.ms / 1_000, 2),
        measured(
          '… CPU of the server, a socket',
          'us',
          ({ connect }) => (connect.cpuMs * 1_000) / sockets,
          0,
        ),
        measured('delivery when it is calm, p50', 'ms', ({ calm }) => calm.delivery.p50),
        measured('… p99', 'ms', ({ calm }) => calm.delivery.p99),
        measured('storm: until all were acknowledged', 's', ({ storm }) => storm.acknowledgedMs / 1_000, 2),
        measured('… until all were followed again', 's', ({ storm }) => storm.backMs / 1_000, 2),
        measured('… CPU of the server, a socket', 'us', ({ storm }) => (storm.cpuMs * 1_000) / sockets, 0),
        measured('… delivery of what was sent in it, p50', 'ms', ({ storm }) => storm.delivery.p50, 0),
        measured('… p99', 'ms', ({ storm }) => storm.delivery.p99, 0),
        measured(
          'subscribed socket afterwards, RSS',
          'KiB',
          perSocket('afterStorm', ({ rss }) => rss),
        ),
        measured(
          '… JavaScript heap',
          'KiB',
          perSocket('afterStorm', ({ heapUsed }) => heapUsed),
        ),
        counted('messages sent', (round) => sumOf(round, ({ sent }) => sent)),
        counted('… while their receiver was away, and given', ({ storm }) => storm.caughtUp),
        counted('… lost', lost),
        counted('… repeated', repeated),
        counted('connections that had to be tried again, and other faults', faults),
      ],
    ),
    METHOD,
    ...describeFaults(results),
  ].join('\n');
}

/** The promise holds or the run fails. @throws what was lost or repeated. */
export function judge(parley: Rounds): void {
  const broken = [sum(parley, lost), sum(parley, repeated)];
  if (broken.some((count) => count > 0))
    throw new Error(`Parley lost ${broken[0]} messages and repeated ${broken[1]}.`);
}

const lost: Read = (round) => sumOf(round, (report) => report.lost);
const repeated: Read = (round) => sumOf(round, (report) => report.repeated);
const faults: Read = (round) =>
  sumOf(round, (report) => Object.values(report.faults).reduce((total, times) => total + times, 0));

/** Over everything that was sent. */
function sumOf({ first, calm, storm }: RoundResult, read: (report: Report) => number): number {
  return read(first) + read(calm) + read(storm);
}

function sum(rounds: Rounds, read: Read): number {
  return rounds.reduce((total, round) => total + read(round), 0);
}

function describeFaults(results: Record<ContestantName, Rounds>): string[] {
  return Object.entries(results).flatMap(([name, rounds]) =>
    rounds.flatMap(({ first, calm, storm }, i) =>
      Object.entries({ connecting: first, calm, storm }).flatMap(([phase, report]) =>
        Object.entries(report.faults).map(
          ([fault, times]) => `${name}, round ${i + 1}, ${phase}: ${times} times ${fault}`,
        ),
      ),
    ),
  );
}
