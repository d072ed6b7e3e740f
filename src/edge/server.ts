import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DirectPosts, ReadRequest } from './direct-posts.ts';
import { endSpread, type Shutdown } from './drain.ts';
import { answerLive, answerReady, cachedCheck, type ReadinessCheck } from './health.ts';
import type { LearnedHeaders } from './learned-headers.ts';
import type { Metrics } from './metrics.ts';
import { Responses } from './responses.ts';
import type { Sockets } from './sockets.ts';
import type { createGraphQL } from './yoga.ts';

export interface ServerOptions {
  readonly graphql: ReturnType<typeof createGraphQL>;
  /** `null` when everything goes the long way. */
  readonly directPosts: DirectPosts | null;
  readonly headers: LearnedHeaders;
  readonly sockets: Sockets;
  readonly metrics: Metrics;
  readonly notReady: ReadinessCheck;
  readonly log: Logger;
  /** How long a request may take to arrive. */
  readonly requestTimeoutMs: number;
  /** How long a connection may neither bring nor take anything. */
  readonly idleTimeoutMs: number;
  readonly shutdown: Shutdown;
}

/** Nothing here is a script or a frame of another page's, or anything that a cache may keep: it is for one user. */
const PROTECTION = Object.entries({
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
});

/** How long past its time a request that does not arrive may go unnoticed. */
const REQUEST_CHECK_INTERVAL_MS = 1_000;

/**
 * Connections that the system keeps until they are accepted; Linux takes 4,096 at most by default. When all clients come
 * back at once, Node.js' own 511 are too few: what does not fit is reset, or tried again after 1 s, 3 s, 7 s, …
 * (npm run bench:sockets shows the storm).
 */
const LISTEN_BACKLOG = 4_096;

/** The HTTP server with all its paths. Disposing it drains it. */
export class HttpServer implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #responses = new Responses();
  readonly #notReady: ReadinessCheck;
  /** The last one that was a host: nearly all clients send the same. */
  #lastHost: string | undefined;
  #stopping = false;
  #portClosed = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#notReady = cachedCheck(options.notReady);
    const { requestTimeoutMs } = options;
    this.#server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: REQUEST_CHECK_INTERVAL_MS,
        // One time for all that is idle. Node.js' own for connections between requests is 5 s, which is less than proxies
        // keep theirs for: they would send requests to a server that is closing.
        keepAliveTimeout: 0,
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.setTimeout(options.idleTimeoutMs);
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#portClosed || pathOf(request) !== '/graphql') socket.destroy();
      else options.sockets.upgrade(request, socket, head);
    });
  }

  /** @returns the address, as a URL without a path. */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
      this.#server.listen(port, host, LISTEN_BACKLOG, resolve);
    });
    // A connection that cannot be accepted, for want of file descriptors, must not end the process.
    this.#server.on('error', (error) =>
      this.#options.log.warn({ err: error }, 'a connection was not accepted'),
    );
    const { port: chosen } = this.#server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { directPosts, log } = this.#options;
    this.#responses.add(response);
    const requestId = requestIdOf(request);
    const path = pathOf(request);
    try {
      let read: ReadRequest | undefined;
      const direct = path === '/graphql' && !this.#stopping && this.#hasHost(request) ? directPosts : null;
      const head = direct?.take(request);
      if (direct && head) {
        const left = await direct.answer(request, response, requestId, head);
        if (left === null) return;
        read = left;
      }
      this.#setHeaders(request, response, requestId);
      if (this.#hasHost(request)) await this.#route(path, request, response, read);
      else response.writeHead(400, { 'content-type': 'text/plain' }).end('The Host header is no host.\n');
    } catch (error) {
      // The path alone: a GET has its variables in the URL.
      log.error({ requestId, err: error, path }, 'request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  #hasHost({ headers: { host = '' } }: IncomingMessage): boolean {
    if (host === this.#lastHost) return true;
    const fine = URL.canParse(`http://${host || 'localhost'}`);
    if (fine) this.#lastHost = host;
    return fine;
  }

  #setHeaders(request: IncomingMessage, response: ServerResponse, requestId: string): void {
    // So that clients do not send the next request to a server that stops.
    if (this.#stopping) response.setHeader('connection', 'close');
    // Read again where the context of an operation is made.
    request.headers['x-request-id'] = requestId;
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of PROTECTION) response.setHeader(name, value);
  }

  async #route(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    read: ReadRequest | undefined,
  ): Promise<void> {
    const { metrics } = this.#options;
    switch (path) {
      case '/health/live':
        return answerLive(response);
      case '/health/ready':
        return await answerReady(
          response,
          this.#stopping ? async () => 'The server is stopping.' : this.#notReady,
        );
      case '/metrics':
        response.writeHead(200, { 'content-type': metrics.registry.contentType });
        response.end(await metrics.text());
        return;
      case '/':
        response.writeHead(302, { location: '/graphql' }).end();
        return;
      case '/graphql':
      case '/graphql/':
        // What is answered depends on both: CORS, and GraphiQL for browsers.
        response.setHeader('vary', 'Origin, Accept');
        return await this.#answerByYoga(request, response, read);
      default:
        response
          .writeHead(404, { 'content-type': 'text/plain' })
          .end('Nothing is here. GraphQL is at /graphql.\n');
    }
  }

  /** The long way; it teaches the short one. */
  async #answerByYoga(
    request: IncomingMessage,
    response: ServerResponse,
    read: ReadRequest | undefined,
  ): Promise<void> {
    const { graphql, headers } = this.#options;
    this.#responses.mayStream(response);
    if (read !== undefined) Object.assign(request, { body: bodyOf(read.bytes) });
    let good = false;
    const onGoodAnswer = () => {
      good = true;
    };
    await graphql(request, response, { ...read?.known, onGoodAnswer });
    if (good && request.method === 'POST') headers.learn(request, response);
  }

  /**
   * Drains. First it only says that it is not ready, for `delayMs`. Then its port closes: answers that are under way are
   * finished, sockets are closed with 1001 and event streams ended, spread over `spreadMs`, each when its running
   * operations are answered. What still runs after `timeoutMs` is cut off. In all it takes no longer than
   * `longestStopMs`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const { sockets, shutdown, log } = this.#options;
    this.#stopping = true;
    if (this.#server.listening) await delay(shutdown.delayMs);
    this.#portClosed = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const streams = [...sockets.open(), ...this.#responses.endStreams()];

    const deadline = new AbortController();
    const timer = setTimeout(() => {
      const operations = streams.reduce((sum, { running }) => sum + running, this.#responses.answering);
      if (operations > 0) log.warn({ operations }, 'stopping while operations still run');
      deadline.abort();
    }, shutdown.timeoutMs);
    await Promise.all([
      this.#responses.answered(deadline.signal),
      endSpread(streams, shutdown.spreadMs, deadline.signal),
    ]);
    clearTimeout(timer);
    this.#server.closeAllConnections();
    await closed;
  }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`PORT ${port} on ${host} is taken; set PORT to another one.`);
  if (error.code === 'EACCES')
    return new Error(`PORT ${port} may not be used by this user; set PORT to one above 1023.`);
  return new Error(`HOST ${host} cannot be listened on: ${error.message}`, { cause: error });
}

/** What a proxy in front calls the request, so that its log and ours can be read together; bounded, as it is logged. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** In the form in which Yoga takes a body that has been read already; a property of its own tells it that there is one. */
function bodyOf(bytes: Buffer) {
  return {
    bytes,
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
