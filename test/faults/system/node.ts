import { setTimeout as delay } from 'node:timers/promises';
import { portOf } from '../../support/database-url.ts';
import { eventually } from '../../support/eventually.ts';
import { type NodeWithOwnClock, startNodeWithOwnClock } from '../../support/shifted-clock.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import type { Occurrence } from '../history/event.ts';

export interface Addresses {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
}

/** A start is tried again while the database is away: a server refuses to begin without one. */
const START_WITHIN_MS = 60_000;
const START_PAUSE_MS = 200;
/** Longer than a stopping server may take; then it is killed. */
const STOP_WITHIN_MS = 30_000;
const READY_WITHIN_MS = 30_000;

const LIMITS = {
  // Small and short, so that a round of a few seconds can exhaust the pool and see it recover.
  DATABASE_POOL_SIZE: '6',
  DATABASE_POOL_WAIT_MS: '1000',
  DATABASE_STATEMENT_TIMEOUT_MS: '2000',
  DATABASE_LOCK_TIMEOUT_MS: '1500',
  // A transaction whose connection has been lost on the way holds its locks for so long.
  DATABASE_IDLE_TRANSACTION_TIMEOUT_MS: '2000',
};

/** One server of the system: a process that comes and goes, with ways of its own to the database and to Redis. */
export class Node implements AsyncDisposable {
  #process: NodeWithOwnClock | null = null;
  #asked: { signal: NodeJS.Signals; at: number } | null = null;
  #gone: Promise<void> = Promise.resolve();
  #url = 'http://127.0.0.1:1/';

  private constructor(
    readonly index: number,
    private readonly addresses: Addresses,
    readonly toDatabase: TcpProxy,
    readonly toRedis: TcpProxy | null,
    private readonly note: (occurrence: Occurrence) => void,
  ) {}

  /** Its ways; no process yet. */
  static async prepare(
    index: number,
    addresses: Addresses,
    note: (occurrence: Occurrence) => void,
  ): Promise<Node> {
    const { databaseUrl, redisUrl } = addresses;
    const toRedis = redisUrl === null ? null : await startTcpProxy(portOf(redisUrl));
    return new Node(index, addresses, await startTcpProxy(portOf(databaseUrl)), toRedis, note);
  }

  /** Of the GraphQL endpoint; of one that is gone while there is no process. */
  get url(): string {
    return this.#url;
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /** @throws when it does not come up. */
  async start(bus: 'postgres' | 'redis'): Promise<void> {
    const { databaseUrl, redisUrl } = this.addresses;
    const environment = {
      ...LIMITS,
      EVENT_BUS: bus,
      ...(redisUrl === null || this.toRedis === null ? {} : { REDIS_URL: this.toRedis.reroute(redisUrl) }),
    };
    const deadline = performance.now() + START_WITHIN_MS;
    for (;;) {
      try {
        const started = await startNodeWithOwnClock(this.toDatabase.reroute(databaseUrl), environment);
        this.#gone = this.#watch(started);
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(START_PAUSE_MS);
      }
    }
  }

  /** Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#process === null) return;
    const running = this.#process;
    this.#asked = { signal, at: performance.now() };
    running.kill(signal);
    const tooLate = setTimeout(() => running.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#gone;
    clearTimeout(tooLate);
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** The wall clock of this server alone. */
  async shiftClock(milliseconds: number): Promise<void> {
    await this.#process?.shiftClock(milliseconds);
  }

  /** @throws when it does not become ready. */
  async ready(): Promise<void> {
    await eventually(
      async () =>
        (await fetch(new URL('/health/ready', this.#url), { signal: AbortSignal.timeout(2_000) })).ok,
      { withinMs: READY_WITHIN_MS },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await this.toDatabase[Symbol.asyncDispose]();
    await this.toRedis?.[Symbol.asyncDispose]();
  }

  async #watch(running: NodeWithOwnClock): Promise<void> {
    this.#process = running;
    this.#asked = null;
    this.#url = running.url;
    // Nobody is left behind when this process ends in a hurry.
    const killAtExit = () => running.kill('SIGKILL');
    process.once('exit', killAtExit);
    const { code, signal } = await running.exited;
    process.off('exit', killAtExit);
    const asked = this.#asked as { signal: NodeJS.Signals; at: number } | null;
    const tookMs = asked === null ? 0 : performance.now() - asked.at;
    this.note({ type: 'exit', node: this.index, asked: asked?.signal ?? null, code, signal, tookMs });
    this.#process = null;
  }
}
