import { formatTable } from '../../test/support/table.ts';
import { counted } from '../support/counted.ts';
import { median } from '../support/statistics.ts';
import { CROWD_USERS } from './crowd.ts';
import { DEPLOYMENT_RATE, type DeploymentResult } from './deployments.ts';
import type { PushResults } from './measure.ts';
import type { PushOptions } from './presets.ts';

const METHOD = `CPU is that of the process that pushes, all its threads; PostgreSQL's is not in it. In "push" messages come in from outside of
it, so that sending is not measured with it: for Parley another process INSERTs them with plain SQL, row by row, and hints
after each commit over EVENT_BUS=postgres, as another node does. The bare servers are handed the same messages over a
loopback connection, complete: graphql-ws as the objects that it executes the same selection on, ws as the text that it
sends. They check no token, read no database and keep nothing. So Parley's CPU has LISTEN, reading the log, the messages
and the users, and theirs has parsing a line. Each delivery must come exactly once, or the run fails. PostgreSQL runs
with its defaults: durable, with fsync.
`;

const CROWD_METHOD = `"Send and push" has all of sendMessage too, over a second socket of each user. A message to one of
${CROWD_USERS} users is two deliveries: to the receiver and to the sender.
`;

const COMMIT_METHOD = `Commit to push is from when COMMIT had returned to the process that wrote the row until the event had come to the
client, both by the clock of that one process. An acknowledgement of sendMessage can be later than the push; COMMIT
returning is the first moment at which a writer knows. What comes sooner counts as it is, below zero. For a bare
server it is from when the message was handed over. With ${CROWD_USERS} users Parley's is compared with ${'`message(id)`'} over
HTTP: one connection, same selection, same server, with everybody connected and nothing being sent.
`;

const DEPLOYMENTS_METHOD = `Send to push is from before sendMessage was sent, over a socket to one node, until the event had come over a socket from
the same or the other node. One node runs with EVENT_BUS=memory. Throughput is with 64 messages on their way at any time.
`;

const IDLE_METHOD = `An idle subscribed socket is measured as the growth of the server's resident memory when all of them are
open, divided by their number; garbage is collected before, and the server has had sockets before.
`;

/** How what was measured was measured. */
export function describePushMethod({ rounds: { crowd, devices, deployments, idle } }: PushResults): string[] {
  const pushed = crowd.length + devices.length > 0;
  return [
    ...(pushed ? [METHOD] : []),
    ...(crowd.length > 0 ? [CROWD_METHOD] : []),
    ...(pushed ? [COMMIT_METHOD] : []),
    ...(deployments.length > 0 ? [DEPLOYMENTS_METHOD] : []),
    ...(idle.length > 0 ? [IDLE_METHOD] : []),
  ];
}

/** Tables of what has no target: medians over the rounds. */
export function describePush({ rounds: count, seconds }: PushOptions, results: PushResults): string[] {
  const { further, rounds } = results;
  const head = ['work', 'measure', 'Parley', 'against', 'theirs', 'ratio'];
  const cells = ({ work, measure, ours, against, theirs, ratio }: PushResults['further'][number]) => [
    work,
    measure,
    ours.toFixed(1),
    against,
    theirs.toFixed(1),
    ratio.toFixed(2),
  ];
  return [
    `Pushing: ${counted(count, 'round')}, messages at a steady rate for ${seconds} s (deployments: half as long)\n`,
    ...tableOf(head, further.map(cells)),
    ...describeDeployments(rounds.deployments),
  ];
}

/** None when it would be empty. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length > 0 ? [formatTable(head, rows)] : [];
}

function describeDeployments(results: readonly DeploymentResult[]): string[] {
  const groups = new Map<string, DeploymentResult[]>();
  for (const result of results) {
    const name = `${result.deployment}, ${result.users === 1 ? '1 user' : `${result.users} users`}`;
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  const rows = [...groups].map(([name, group]) => {
    const over = (read: (result: DeploymentResult) => number, digits: number) =>
      median(group.map(read)).toFixed(digits);
    return [
      name,
      over(({ steady }) => steady.sendToPush.p50, 1),
      over(({ steady }) => steady.sendToPush.p99, 1),
      over(({ steady }) => steady.commitToPush.p50, 1),
      over(({ steady }) => steady.commitToPush.p99, 1),
      over(({ flatOut }) => (flatOut.sent * 1_000) / flatOut.ms, 0),
      over(({ flatOut }) => (flatOut.deliveries * 1_000) / flatOut.ms, 0),
    ];
  });
  const head = [
    `Parley, ${DEPLOYMENT_RATE} messages a second`,
    'send to push, p50, ms',
    'p99',
    'acknowledgement to push, p50, ms',
    'p99',
    'at most: messages a second',
    'deliveries a second',
  ];
  return tableOf(head, rows);
}
