/** As `--only` names them. */
export const PARTS = ['push-crowd', 'push-devices', 'push-deployments', 'idle-sockets'] as const;
type Part = (typeof PARTS)[number];

/** Parley's own; the last needs a redis-server. */
const DEPLOYMENTS = [
  'one node',
  'two nodes, PostgreSQL between them',
  'two nodes, Redis between them',
] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

export interface PushOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** For which messages come at a steady rate; in each deployment half as long. */
  readonly seconds: number;
  readonly deployments: readonly Deployment[];
  /** Users who are connected to each deployment, in turn. */
  readonly sizes: readonly number[];
  readonly idleSockets: number;
  /** Also CPU profiles of the servers that push, beside the results. */
  readonly profile: boolean;
}

export const FULL: PushOptions = {
  parts: PARTS,
  rounds: 3,
  seconds: 10,
  deployments: DEPLOYMENTS,
  sizes: [1, 100, 1_000],
  idleSockets: 10_000,
  profile: false,
};
/** Takes half a minute; its figures are coarse. */
export const QUICK: PushOptions = {
  ...FULL,
  // The others have no target.
  parts: PARTS.filter((part) => part !== 'push-deployments'),
  rounds: 1,
  seconds: 2,
  deployments: ['one node', 'two nodes, PostgreSQL between them'],
  sizes: [100],
  idleSockets: 1_000,
};
