// 10,000 idle subscribed sockets, and all of them dropping and resuming at once: Parley and a bare graphql-ws server.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../src/lib/command.ts';
import { CONTESTANTS, type ContestantName } from './sockets/contestant.ts';
import { startDatabase } from './sockets/database.ts';
import { checkFileDescriptors } from './sockets/file-descriptors.ts';
import { type BenchOptions, readOptions } from './sockets/options.ts';
import { describeResults, judge } from './sockets/report.ts';
import { type RoundResult, runRound } from './sockets/round.ts';
import { Progress } from './support/progress.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

async function runRounds(options: BenchOptions): Promise<Record<ContestantName, RoundResult[]>> {
  const progress = new Progress();
  const results: Record<ContestantName, RoundResult[]> = { parley: [], bare: [] };
  await using database = await startDatabase(options.sockets);
  const { url: databaseUrl, receivers, senders } = database;
  for (let round = 1; round <= options.rounds; round++) {
    // Whoever comes second finds another machine: warmer, or busier.
    const order = round % 2 === 1 ? CONTESTANTS : CONTESTANTS.toReversed();
    for (const name of order) {
      const label = `round ${round} of ${options.rounds}, ${name}`;
      const profiles = options.profile ? `${RESULTS}sockets-${name}-${round}` : null;
      const circumstances = { databaseUrl, receivers, senders, rate: options.rate, progress, profiles };
      results[name].push(await runRound(name, label, circumstances));
    }
  }
  progress.end();
  return results;
}

await runCommand(async () => {
  const options = readOptions(process.argv.slice(2));
  checkFileDescriptors(options.sockets);
  await mkdir(RESULTS, { recursive: true });
  const rounds = await runRounds(options);
  const json = JSON.stringify(
    { at: new Date().toISOString(), node: process.version, options, rounds },
    null,
    2,
  );
  await writeFile(`${RESULTS}sockets.json`, json);
  process.stdout.write(options.json ? `${json}\n` : describeResults(options, rounds));
  judge(rounds.parley);
});
