import type { TargetRow } from '../report/target-row.ts';
import { median } from '../support/statistics.ts';
import { CROWD_RATE, CROWD_USERS } from './crowd.ts';
import { DEVICES, DEVICES_RATE } from './many-devices.ts';
import type { PushRounds } from './measure.ts';
import type { Measured } from './measured.ts';

/** What is compared without a target. */
export type FurtherRow = Omit<TargetRow, 'target' | 'direction'>;

const CROWD = `${CROWD_USERS} users, ${CROWD_RATE} messages a second`;
const FAN_OUT = `${DEVICES} devices of one user, ${DEVICES_RATE} messages a second`;
const GRAPHQL_WS = 'bare graphql-ws';
const WS = 'bare ws, one ready text';
const REQUEST = 'one request of one message, idle, p50';
const CPU = 'CPU a delivery, us';

/** Of the parts that were measured. */
export function targetRows({ crowd, devices, idle }: PushRounds): TargetRow[] {
  const rows = [
    compare(
      { work: `push, ${CROWD}`, against: GRAPHQL_WS, measure: CPU },
      crowd.map(({ parley, bare }) => [parley.pushing.cpuUs, bare.pushing.cpuUs]),
    ).map(atMost(2)),
    compare(
      { work: `push, ${FAN_OUT}`, against: WS, measure: CPU },
      devices.map(({ parley, ws }) => [parley.cpuUs, ws.cpuUs]),
    ).map(atMost(2)),
    compare(
      { work: `commit to push, ${CROWD}`, against: REQUEST, measure: 'p50, ms' },
      crowd.map(({ parley }) => [parley.pushing.commitToPush.p50, parley.request.p50]),
    ).map(atMost(2)),
    compare(
      { work: `commit to push, ${CROWD}`, against: REQUEST, measure: 'p99, ms' },
      crowd.map(({ parley }) => [parley.pushing.commitToPush.p99, parley.request.p50]),
    ).map(atMost(5)),
    compare(
      { work: 'idle subscribed socket', against: GRAPHQL_WS, measure: 'resident memory, KiB' },
      idle.map(({ parley, bare }) => [parley, bare]),
    ).map(atMost(1.2)),
  ];
  return rows.flat();
}

/** Of the parts that were measured. */
export function furtherRows({ crowd, devices }: PushRounds): FurtherRow[] {
  return [
    compare(
      { work: `push, ${CROWD}`, against: GRAPHQL_WS, measure: 'messages pushed a second' },
      crowd.map(({ parley, bare }) => [ratePushed(parley.pushing), ratePushed(bare.pushing)]),
    ),
    compare(
      { work: `push, ${FAN_OUT}`, against: WS, measure: 'messages pushed a second' },
      devices.map(({ parley, ws }) => [ratePushed(parley), ratePushed(ws)]),
    ),
    compare(
      { work: `send and push, ${CROWD}`, against: GRAPHQL_WS, measure: CPU },
      crowd.map(({ parley, bare }) => [parley.sendingToo.cpuUs, bare.sendingToo.cpuUs]),
    ),
    compare(
      {
        work: `commit to push, ${CROWD}`,
        against: 'one request of one message, idle, p99',
        measure: 'p99, ms',
      },
      crowd.map(({ parley }) => [parley.pushing.commitToPush.p99, parley.request.p99]),
    ),
    compare(
      {
        work: `commit to push, ${CROWD}`,
        against: `${GRAPHQL_WS}, handing over to push`,
        measure: 'p50, ms',
      },
      crowd.map(({ parley, bare }) => [parley.pushing.commitToPush.p50, bare.pushing.commitToPush.p50]),
    ),
    compare(
      {
        work: `commit to push, ${CROWD}`,
        against: `${GRAPHQL_WS}, handing over to push`,
        measure: 'p99, ms',
      },
      crowd.map(({ parley, bare }) => [parley.pushing.commitToPush.p99, bare.pushing.commitToPush.p99]),
    ),
    compare(
      { work: `commit to push, ${FAN_OUT}`, against: `${WS}, handing over to push`, measure: 'p50, ms' },
      devices.map(({ parley, ws }) => [parley.commitToPush.p50, ws.commitToPush.p50]),
    ),
    compare(
      { work: `commit to push, ${FAN_OUT}`, against: `${WS}, handing over to push`, measure: 'p99, ms' },
      devices.map(({ parley, ws }) => [parley.commitToPush.p99, ws.commitToPush.p99]),
    ),
  ].flat();
}

/** Less than was asked for where the server did not keep up. */
function ratePushed({ sent, ms }: Measured): number {
  return (sent * 1_000) / ms;
}

type Heading = Pick<FurtherRow, 'work' | 'against' | 'measure'>;

/** Medians over the rounds; no row where there was none. */
function compare(
  heading: Heading,
  rounds: readonly (readonly [ours: number, theirs: number])[],
): FurtherRow[] {
  if (rounds.length === 0) return [];
  return [
    {
      ...heading,
      ours: median(rounds.map(([ours]) => ours)),
      theirs: median(rounds.map(([, theirs]) => theirs)),
      ratio: median(rounds.map(([ours, theirs]) => ours / theirs)),
    },
  ];
}

const atMost =
  (target: number) =>
  (row: FurtherRow): TargetRow => ({ ...row, target, direction: 'at most' });
