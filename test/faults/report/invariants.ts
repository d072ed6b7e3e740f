import type { AnomalyName } from '../checker/anomaly.ts';
import { killDatabase } from '../injections/database.ts';
import { killAllNodes, killNode } from '../injections/nodes.ts';
import type { Counts } from './counts.ts';

/** One row of the table: what must always hold, and how often that was looked at. */
export interface Invariant {
  readonly text: string;
  /** Only rounds with one of these faults count; by default all. */
  readonly faults?: readonly string[];
  /** Only rounds in which no fault may fail a write count. */
  readonly harmless?: true;
  readonly anomalies: readonly AnomalyName[];
  readonly checks: keyof Counts;
}

export const INVARIANTS: readonly Invariant[] = [
  {
    text: 'acknowledged writes survive kill -9 of nodes',
    faults: [killNode.name, killAllNodes.name],
    anomalies: ['lost write'],
    checks: 'acknowledged writes',
  },
  {
    text: 'acknowledged writes survive kill -9 of PostgreSQL',
    faults: [killDatabase.name],
    anomalies: ['lost write'],
    checks: 'acknowledged writes',
  },
  {
    text: 'acknowledged writes survive every fault, and are told',
    anomalies: ['lost write'],
    checks: 'acknowledged writes',
  },
  { text: 'one key, one message', anomalies: ['duplicate message'], checks: 'sends with a key' },
  { text: 'nothing is told that nobody wrote', anomalies: ['phantom'], checks: 'messages shown' },
  {
    text: 'a resume skips nothing and repeats nothing',
    anomalies: ['skipped', 'duplicate delivery', 'non-monotonic cursor', 'needless resync'],
    checks: 'resumes',
  },
  { text: 'events come in the order of the commits', anomalies: ['out of order'], checks: 'deliveries' },
  { text: 'snapshot plus stream equals state', anomalies: ['state drift'], checks: 'snapshots' },
  { text: 'unread counts equal the messages', anomalies: ['unread drift'], checks: 'counts' },
  { text: 'nobody is shown what is not theirs', anomalies: ['leak'], checks: 'messages shown' },
  {
    text: 'losing hints fails no write',
    harmless: true,
    anomalies: ['failed write'],
    checks: 'write attempts',
  },
  { text: 'nothing is refused that is allowed', anomalies: ['wrong refusal'], checks: 'write attempts' },
  { text: 'no fault is unknown to the server', anomalies: ['internal error'], checks: 'write attempts' },
  { text: 'everything heals by itself', anomalies: ['stuck'], checks: 'devices' },
  { text: 'nodes end well, and only when asked to', anomalies: ['unclean exit'], checks: 'exits' },
];
