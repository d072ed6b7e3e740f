import { Socket } from 'node:net';
import pg from 'pg';

/** As pg calls it. */
const SILENT = 'Query read timeout';

/**
 * A connection that is given up when an answer does not come. pg's own `query_timeout` makes a timer for each query, and
 * what these refer to, all rows of an answer, is kept beyond its time: V8 copied it twice (`node --trace-gc` shows it).
 * This looks from time to time instead.
 */
export class WatchedClient extends pg.Client {
  readonly socket: Socket;
  readonly #patienceMs: number;
  #deadline = Number.POSITIVE_INFINITY;

  /** @param patienceMs how long an answer is waited for, unless a query brings a `query_timeout` */
  constructor(config: pg.ClientConfig | undefined, patienceMs: number) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.socket = socket;
    this.#patienceMs = patienceMs;
    // All that was asked is answered.
    this.on('drain', () => {
      this.#deadline = Number.POSITIVE_INFINITY;
    });
  }

  // Whatever the arguments: pg has a dozen forms of them.
  override query(...asked: unknown[]): never {
    const [query] = asked as [{ readonly query_timeout?: number }];
    this.#deadline =
      query.query_timeout === undefined ? performance.now() + this.#patienceMs : Number.POSITIVE_INFINITY;
    return super.query(...(asked as [string])) as never;
  }

  /** To be called now and then. */
  check(): void {
    if (performance.now() > this.#deadline) this.socket.destroy(new Error(SILENT));
  }
}
