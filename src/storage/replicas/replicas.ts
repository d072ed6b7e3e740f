import type { Executor } from '../executor.ts';
import { STANDING, type Standing } from '../statements/replication.ts';
import { WalHistory } from './lag.ts';
import { Replica, type ReplicaOptions } from './replica.ts';
import type { Standby } from './standby.ts';

export interface ReplicasOptions extends Omit<ReplicaOptions, 'pool'> {
  readonly urls: readonly string[];
  readonly pool: Omit<ReplicaOptions['pool'], 'url'>;
  /** The database that they are to be standbys of. */
  readonly primary: Executor;
}

/** All of them, and which one is next. */
export class Replicas implements AsyncDisposable {
  /** How many reads, and reports, have been answered from where. */
  readonly reads = { primary: 0, replica: 0 };
  readonly all: readonly Replica[];
  readonly #primary: Executor;
  readonly #history: WalHistory;
  #turn = 0;

  constructor({ urls, pool, primary, ...options }: ReplicasOptions) {
    this.all = urls.map((url) => new Replica({ ...options, pool: { ...pool, url } }));
    this.#primary = primary;
    this.#history = new WalHistory(options.maxLagMs);
  }

  get inUse(): readonly Standby[] {
    return this.all.flatMap(({ inUse }) => inUse ?? []);
  }

  /** One in use, by turns; `null` when none is. */
  next(): Standby | null {
    const { inUse } = this;
    return inUse[this.#turn++ % inUse.length] ?? null;
  }

  /** Looks at each. @returns what is wrong with them for good @throws when the primary does not answer */
  async look(): Promise<readonly string[]> {
    const [primary] = (await this.#primary.run(STANDING, [])) as [Standing];
    this.#history.note(primary);
    const misfits = await Promise.all(
      this.all.map(async (replica) => {
        const misfit = await replica.look(primary, this.#history);
        return misfit === null ? [] : `${replica.name} ${misfit.message}`;
      }),
    );
    return misfits.flat();
  }

  /** Tells of each what has changed since it was last told. */
  tell(): void {
    for (const replica of this.all) replica.tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((replica) => replica[Symbol.asyncDispose]()));
  }
}
