import { randomUUID } from 'node:crypto';
import { Client, type Dispatcher } from 'undici';
import { type LoadRequest, NEW_KEY } from './protocol.ts';

/** How long an answer is waited for, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Longer than any measuring: who closes a connection is not what is measured. */
const KEEP_ALIVE_MS = 600_000;
const SHOWN = 500;

/** One connection, kept alive, that sends one request at a time; by undici's lowest layer, for little CPU. */
export class Connection {
  readonly #client: Client;

  constructor(origin: string) {
    this.#client = new Client(origin, {
      pipelining: 1,
      headersTimeout: PATIENCE_MS,
      bodyTimeout: PATIENCE_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }

  /** Connects, by a request that every server answers in some way. */
  async open(): Promise<void> {
    await this.#dispatch({ path: '/', method: 'GET' });
  }

  /** @throws what was answered, where it is no good answer */
  async send({ path, authorization, body }: LoadRequest): Promise<string> {
    const { status, text } = await this.#dispatch({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization },
      body: body.replace(NEW_KEY, () => randomUUID()),
    });
    if (status === 200 && !text.includes('"errors"')) return text;
    throw new Error(`${path} answered ${status}: ${text.slice(0, SHOWN)}\nto ${body.slice(0, SHOWN)}`);
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  #dispatch(options: Dispatcher.DispatchOptions): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      let status = 0;
      const chunks: Buffer[] = [];
      this.#client.dispatch(options, {
        onRequestStart() {},
        onResponseStart(_, code) {
          status = code;
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          resolve({
            status,
            text: (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? '',
          });
        },
        onResponseError(_, error) {
          reject(error);
        },
      });
    });
  }
}
