import { serverAt } from '../../lib/postgres-address.ts';
import { within } from '../../lib/within.ts';
import type { Standing } from '../statements/replication.ts';
import type { WalHistory } from './lag.ts';
import { checkFit, Misfit, refusalOrAbsence } from './misfit.ts';
import { Standby, type StandbyOptions } from './standby.ts';

/** How long a look may take, with a new connection to a busy server. */
const LOOK_WITHIN_MS = 2_000;
/** How long a server that stops waits for one that may have fallen silent. */
const GOODBYE_WITHIN_MS = 500;

export interface ReplicaOptions extends Omit<StandbyOptions, 'onDistrust'> {
  readonly maxLagMs: number;
  /** Reads go to it from now on (`null`), or it has been left, or something else keeps it away than before. */
  readonly onChange: (name: string, why: string | null) => void;
}

/** One address of DATABASE_REPLICA_URLS, over all runs of the server that is there. */
export class Replica implements AsyncDisposable {
  readonly name: string;
  /** As of the last look; `null` when that found no standby. */
  lagMs: number | null = null;
  readonly #options: ReplicaOptions;
  #standby: Standby | null = null;
  /** Why reads do not go to it, as it was last found, and as it was last told. */
  #why: string | null | undefined;
  #told: string | null | undefined;
  /** When all that have been cut are gone. */
  #closed: Promise<void> = Promise.resolve();

  constructor(options: ReplicaOptions) {
    this.name = serverAt(options.pool.url);
    this.#options = options;
  }

  /** What reads go to; `null` when they do not. */
  get inUse(): Standby | null {
    return this.#standby?.isTrusted ? this.#standby : null;
  }

  /**
   * Looks what is there now, and uses it or leaves it accordingly. Never rejects.
   * @returns what is wrong, where waiting will not make it right
   */
  async look(primary: Standing, history: WalHistory): Promise<Misfit | null> {
    if (this.#standby === null || this.#standby.isClosed) this.#standby = this.#open();
    const standby = this.#standby;
    try {
      const standing = await within(LOOK_WITHIN_MS, standby.look());
      checkFit(standing, primary);
      this.lagMs = history.lagOf(standing, primary);
      const why = this.#whyNot(standing, primary);
      if (why === null) standby.trust();
      else standby.distrust(why);
      this.#found(why);
      return null;
    } catch (error) {
      this.lagMs = null;
      const why = refusalOrAbsence(error);
      // The next look begins with new connections, to whatever is there then.
      this.#closed = Promise.all([this.#closed, standby.cut(why)]).then(() => {});
      this.#found(why);
      return why instanceof Misfit ? why : null;
    }
  }

  /** Tells what has changed since it was last told, if anything has. */
  tell(): void {
    if (this.#why === undefined || this.#why === this.#told) return;
    this.#told = this.#why;
    this.#options.onChange(this.name, this.#why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const standby = this.#standby;
    if (standby !== null)
      await within(GOODBYE_WITHIN_MS, standby[Symbol.asyncDispose]()).catch((late) => standby.cut(late));
    await this.#closed;
  }

  #open(): Standby {
    const { pool, createReader } = this.#options;
    const onDistrust = (error: unknown) => {
      this.#found(error);
      this.tell();
    };
    return new Standby({ pool, createReader, onDistrust });
  }

  #whyNot({ timeline }: Standing, primary: Standing): Error | null {
    // After a failover: it does not follow the new primary yet, or is too far on the way of the old one.
    if (timeline !== primary.timeline)
      return new Error(`is on timeline ${timeline}, the primary on ${primary.timeline}`);
    return (this.lagMs ?? 0) > this.#options.maxLagMs ? new Error('is too far behind') : null;
  }

  #found(why: unknown): void {
    this.#why = why === null ? null : messageOf(why);
  }
}

/** What the driver said; that of `Unavailable` is for clients. */
function messageOf(error: unknown): string {
  const { message, code, cause } = error as NodeJS.ErrnoException;
  return cause instanceof Error ? messageOf(cause) : message || (code ?? String(error));
}
