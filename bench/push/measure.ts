import { fileURLToPath } from 'node:url';
import type { TargetRow } from '../report/target-row.ts';
import type { ContestantName } from '../sockets/contestant.ts';
import { Progress } from '../support/progress.ts';
import {
  CROWD_RATE,
  CROWD_USERS,
  type CrowdResult,
  type ParleyCrowdResult,
  runBareCrowd,
  runParleyCrowd,
} from './crowd.ts';
import { type PushDatabase, startDatabase } from './database.ts';
import { DEPLOYMENT_RATE, type DeploymentResult, runDeployment, whyNot } from './deployments.ts';
import { IDLE_SENDERS, measureIdleSocket } from './idle-memory.ts';
import { inTurn } from './in-turn.ts';
import { DEVICES_RATE, runBareWs, runParleyDevices } from './many-devices.ts';
import type { Measured } from './measured.ts';
import type { Deployment, PushOptions } from './presets.ts';
import { type FurtherRow, furtherRows, targetRows } from './rows.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
/** Who only send, where the others are connected. */
const OTHERS = 16;

/** One outcome a round; none for what was not asked for. */
export interface PushRounds {
  readonly crowd: readonly { readonly parley: ParleyCrowdResult; readonly bare: CrowdResult }[];
  readonly devices: readonly Readonly<Record<'parley' | 'ws', Measured>>[];
  /** Of all rounds. */
  readonly deployments: readonly DeploymentResult[];
  /** KiB an idle subscribed socket. */
  readonly idle: readonly Readonly<Record<ContestantName, number>>[];
}

export interface PushResults {
  readonly rows: readonly TargetRow[];
  readonly further: readonly FurtherRow[];
  readonly rounds: PushRounds;
  /** What could not be measured here, and why. */
  readonly skipped: readonly string[];
}

/**
 * How much of a server's CPU and how much time it takes until what was written has been pushed, beside peers.
 * @throws when Parley, or a peer, lost or repeated anything
 */
export async function measurePush(options: PushOptions): Promise<PushResults> {
  const progress = new Progress();
  await using database = await startDatabase(Math.max(CROWD_USERS, options.idleSockets) + OTHERS);
  const rounds = { crowd: [], devices: [], deployments: [], idle: [] } as Mutable<PushRounds>;
  const possible = options.deployments.filter((deployment) => whyNot(deployment) === null);
  for (let round = 1; round <= options.rounds; round++) {
    const measuring = new Round(round, options, database, progress);
    if (options.parts.includes('push-crowd')) rounds.crowd.push(await measuring.crowd());
    if (options.parts.includes('push-devices')) rounds.devices.push(await measuring.devices());
    if (options.parts.includes('idle-sockets')) rounds.idle.push(await measuring.idle());
    if (options.parts.includes('push-deployments'))
      for (const deployment of possible) rounds.deployments.push(...(await measuring.deployment(deployment)));
  }
  progress.end();
  const skipped = options.deployments.filter((deployment) => whyNot(deployment) !== null);
  return {
    rows: targetRows(rounds),
    further: furtherRows(rounds),
    rounds,
    skipped: skipped.map((deployment) => `${deployment}: not measured, as ${whyNot(deployment)}.`),
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

class Round {
  constructor(
    private readonly round: number,
    private readonly options: PushOptions,
    private readonly database: PushDatabase,
    private readonly progress: Progress,
  ) {}

  crowd() {
    const circumstances = (name: ContestantName) => ({
      databaseUrl: this.database.url,
      users: this.database.users.slice(0, CROWD_USERS),
      messages: this.options.seconds * CROWD_RATE,
      profile: this.#profile(`crowd-${name}`),
    });
    return inTurn(this.round, {
      parley: () => {
        this.#begin(`${CROWD_USERS} users, parley`);
        return runParleyCrowd(circumstances('parley'));
      },
      bare: () => {
        this.#begin(`${CROWD_USERS} users, bare`);
        return runBareCrowd(circumstances('bare'));
      },
    });
  }

  devices() {
    const run = (name: 'parley' | 'ws', runner: typeof runBareWs) => () => {
      this.#begin(`one user's devices, ${name}`);
      return runner({
        databaseUrl: this.database.url,
        users: this.database.users,
        messages: this.options.seconds * DEVICES_RATE,
        profile: this.#profile(`devices-${name}`),
      });
    };
    return inTurn(this.round, { parley: run('parley', runParleyDevices), ws: run('ws', runBareWs) });
  }

  idle() {
    const { url, users } = this.database;
    const run = (name: ContestantName) => () =>
      measureIdleSocket(name, this.#label(`${this.options.idleSockets} idle sockets, ${name}`), {
        databaseUrl: url,
        users: users.slice(0, this.options.idleSockets + IDLE_SENDERS),
        progress: this.progress,
      });
    return inTurn(this.round, { parley: run('parley'), bare: run('bare') });
  }

  deployment(deployment: Deployment): Promise<DeploymentResult[]> {
    this.#begin(deployment);
    const { sizes, seconds } = this.options;
    const { url, users } = this.database;
    const messages = (seconds * DEPLOYMENT_RATE) / 2;
    return runDeployment(deployment, { databaseUrl: url, users, sizes, messages });
  }

  #label(what: string): string {
    return `pushing, round ${this.round} of ${this.options.rounds}: ${what}`;
  }

  #begin(what: string): void {
    this.progress.begin(this.#label(what));
  }

  #profile(what: string): string | null {
    return this.options.profile ? `${RESULTS}push-${what}-${this.round}.cpuprofile` : null;
  }
}
