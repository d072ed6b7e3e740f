import type { ClientBase, Pool } from 'pg';
import { Unavailable } from '../../messaging/errors.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import { type Executor, poolExecutor } from '../executor.ts';
import { createPool, type PoolOptions, type ServerPool } from '../pool.ts';
import type { Statement } from '../statement.ts';
import { STANDING, type Standing } from '../statements/replication.ts';
import { Misfit } from './misfit.ts';

export interface StandbyOptions {
  readonly pool: Omit<PoolOptions, 'onConnectionLost' | 'admit'>;
  readonly createReader: (executor: Executor) => MessageReader;
  readonly onDistrust: (error: unknown) => void;
}

/** Reads take a few milliseconds. One that takes this long, or is on a connection that has died unseen, the primary answers. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * One run of a standby's server. What it has shown once it shows from then on, in every connection; but one that is
 * started again may have gone back, since what it had replayed need not have been on its disk. So all connections are to
 * the same run, and what was found out about a run is never used for the next one.
 */
export class Standby implements Executor, AsyncDisposable {
  readonly reader: MessageReader;
  /** Whether reads go to it: from a look that found it well, to the first failure. */
  #trusted = false;
  readonly #reads: ServerPool;
  /** One connection for looks alone: a standby that is busy is not away. */
  readonly #looks: ServerPool;
  readonly #executor: Executor;
  readonly #onDistrust: (error: unknown) => void;
  readonly #waiting = new Set<(error: unknown) => void>();
  #startedAt: string | null = null;
  #closing: Promise<unknown> | null = null;

  constructor({ pool, createReader, onDistrust }: StandbyOptions) {
    const watched = {
      ...pool,
      statementTimeoutMs: Math.min(pool.statementTimeoutMs, ANSWER_WITHIN_MS),
      onConnectionLost: (error: Error) => this.distrust(error),
      admit: (client: ClientBase) => this.#admit(client),
    };
    this.#reads = createPool(watched);
    this.#looks = createPool({ ...watched, size: 1 });
    this.#executor = poolExecutor(this.#reads);
    this.reader = createReader(this);
    this.#onDistrust = onDistrust;
  }

  /** For what needs a connection for itself. */
  get pool(): Pool {
    return this.#reads;
  }

  get isTrusted(): boolean {
    return this.#trusted;
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) return reject(new Unavailable('This standby has been left.'));
      this.#waiting.add(reject);
      const settle = () => this.#waiting.delete(reject);
      this.#executor.run(statement, values).then(resolve, reject).finally(settle);
    });
  }

  async look(): Promise<Standing> {
    const [standing] = await poolExecutor(this.#looks).run(STANDING, []);
    return standing as Standing;
  }

  trust(): void {
    this.#trusted = !this.isClosed;
  }

  /** Something has failed on it: it is not read from until it has been looked at again. */
  distrust(error: unknown): void {
    if (!this.#trusted) return;
    this.#trusted = false;
    this.#onDistrust(error);
  }

  /** It has fallen silent, or is no standby any more: who waits for an answer is told at once. */
  async cut(error: unknown): Promise<void> {
    const closed = this[Symbol.asyncDispose]();
    for (const reject of this.#waiting) reject(error);
    for (const pool of [this.#reads, this.#looks]) pool.cut();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#trusted = false;
    this.#closing ??= Promise.all([this.#reads, this.#looks].map((pool) => pool[Symbol.asyncDispose]()));
    await this.#closing;
  }

  async #admit(client: ClientBase): Promise<void> {
    const { rows } = await client.query(
      'SELECT pg_postmaster_start_time()::text AS started_at, pg_backend_pid() AS process',
    );
    const [{ started_at, process }] = rows;
    // A pooler gives out a number of its own, and would go on with another run of the server, unseen.
    if ((client as ClientBase & { readonly processID: number }).processID !== process)
      throw new Misfit('is a pooler');
    this.#startedAt ??= started_at;
    if (this.#startedAt !== started_at) throw new Unavailable('Another server answers at this address.');
  }
}
