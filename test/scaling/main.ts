import { parseArgs } from 'node:util';
import { problemsIn } from '../support/inbox-invariants.ts';
import { endAll } from '../support/operator.ts';
import { startOwnCluster } from '../support/own-cluster.ts';
import { createUsers } from '../support/server.ts';
import { type Rehearsal, rehearse } from './rehearse.ts';

const STEPS = ['make', 'copy', 'compare', 'swap', 'drop'] as const;

/**
 * `npm run rehearse`: gives a table of so many messages a partition for each month, and makes it one table again, while two
 * servers are at work on it; then both once more, killed in each step. Its report is for people.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { messages: { type: 'string', default: '200000' } } });
  const messages = Number(values.messages);
  if (!Number.isSafeInteger(messages) || messages < 1) throw new Error('--messages takes a number.');
  await using postgres = await startOwnCluster({ settings: { shared_buffers: '256MB' } });
  const people = await createUsers(postgres.pool, 'alice', 'bob');
  await postgres.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text, created_at)
     SELECT $1, $2, 'A message of a usual length, number ' || i, now() - i * interval '1 year' / $3::int
     FROM generate_series(1, $3) i`,
    [...people, messages],
  );
  let good = true;
  for (const killedIn of [[], STEPS])
    for (const target of ['partitioned', 'plain'] as const) {
      const rehearsal = await rehearse(target, postgres, process.cwd(), killedIn);
      const problems = await problemsIn(postgres.pool);
      good &&= rehearsal.failures.length + rehearsal.wrong.length + problems.length === 0;
      process.stdout.write(`${describe(rehearsal, problems)}\n`);
    }
  process.exitCode = good ? 0 : 1;
}

function describe(rehearsal: Rehearsal, problems: readonly unknown[]): string {
  const { operations, failures, events, wrong, said, killedIn } = rehearsal;
  return [
    `${said}${killedIn.length === 0 ? '' : ` Killed in: ${killedIn.join(', ')}.`}`,
    `  operations  ${operations}, ${failures.length} failed`,
    `  events      ${events}, ${wrong.length} devices with one lost, doubled or out of order`,
    `  log, lists  ${problems.length} contradictions to messages`,
    ...[...failures, ...wrong, ...problems].slice(0, 5).map((what) => `  ! ${JSON.stringify(what)}`),
  ].join('\n');
}

try {
  await main();
} finally {
  await endAll();
}
