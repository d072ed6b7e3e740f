import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { atTime } from '../lib/at-time.ts';
import { RateLimited, Unauthenticated, Unavailable } from '../messaging/errors.ts';
import type { AnswerError } from './answer-errors.ts';
import type { Authenticate, Identity } from './identity.ts';
import { type SocketExtra, serveSocket } from './socket-adapter.ts';
import type { createGraphQL } from './yoga.ts';

/** Close codes of graphql-transport-ws. 4403 lets clients come back with another token, 4401 would not. */
const FORBIDDEN = 4403;
/** Clients of graphql-ws come back after this one; 4500, for what `onConnect` throws, they take as final. */
const TRY_AGAIN_LATER = 1013;
/** Clients of graphql-ws come back after this one, too: to another node. */
const GOING_AWAY = 1001;
/** How long a client may take to answer that its socket closes; ws itself would wait 30 s. */
const CLOSE_GRACE_MS = 2_000;
/** Queries, mutations and subscriptions that run on one socket. */
const MAX_OPERATIONS_A_SOCKET = 100;

export interface SocketOptions {
  readonly graphql: ReturnType<typeof createGraphQL>;
  readonly authenticate: Authenticate;
  readonly answerError: AnswerError;
  readonly allowedOrigins: readonly string[];
  readonly maxMessageBytes: number;
  readonly log: Logger;
}

export interface Sockets extends AsyncDisposable {
  readonly count: number;
  /** The `upgrade` listener of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** WebSocket with the `graphql-transport-ws` protocol. Disposing closes each socket with 1001 (going away). */
export function createSockets(options: SocketOptions): Sockets {
  const { graphql, authenticate, answerError, allowedOrigins, maxMessageBytes, log } = options;
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: maxMessageBytes,
    // Compression keeps a window for each socket in memory, and helps little with small messages.
    perMessageDeflate: false,
  });

  const protocol = makeServer<{ authorization?: unknown }, SocketExtra & { identity?: Identity | null }>({
    async onConnect({ connectionParams, extra }) {
      try {
        extra.identity = await identify(connectionParams?.authorization);
      } catch (error) {
        const answer = answerError(error);
        if (!(error instanceof Unavailable)) throw answer;
        extra.socket.close(TRY_AGAIN_LATER, answer.message);
      }
      if (!extra.identity) return false;
      closeAtExpiry(extra.socket, extra.identity);
      return true;
    },
    async onSubscribe({ extra, subscriptions }, _id, params) {
      if (Object.keys(subscriptions).length > MAX_OPERATIONS_A_SOCKET)
        return [
          answerError(new RateLimited(`A socket takes ${MAX_OPERATIONS_A_SOCKET} operations at a time.`)),
        ];
      const enveloped = graphql.getEnveloped({ socketIdentity: extra.identity?.viewer ?? null, params });
      try {
        // A client that takes its time to close may still be speaking.
        if (isExpired(extra.identity)) throw new Unauthenticated('The token has expired.');
        const document = enveloped.parse(params.query);
        const args: ExecutionArgs = {
          schema: enveloped.schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          rootValue: enveloped,
        };
        const errors = enveloped.validate(enveloped.schema, document);
        if (errors.length > 0) return errors.map(withoutHttp);
        if (!getOperationAST(document, params.operationName))
          throw new GraphQLError('The document has no such operation, or several and none is named.');
        return args;
      } catch (error) {
        // Thrown here it would close the socket, and every other operation with it.
        return [withoutHttp(answerError(error))];
      }
    },
    // The pipeline was made for this one operation; see onSubscribe.
    execute: ({ rootValue, ...args }) => (rootValue as Pipeline).execute(args),
    subscribe: ({ rootValue, ...args }) => (rootValue as Pipeline).subscribe(args),
  });

  async function identify(authorization: unknown): Promise<Identity | null> {
    try {
      return await authenticate(typeof authorization === 'string' ? authorization : null);
    } catch (error) {
      if (error instanceof Unauthenticated) return null;
      throw error;
    }
  }

  return {
    get count() {
      return server.clients.size;
    },
    upgrade(request, socket, head) {
      if (!isAllowed(request, allowedOrigins)) {
        // Node.js has taken its own listeners off: a client that resets would end the process, one that stays keep it.
        socket.on('error', () => socket.destroy());
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
          socket.destroy(),
        );
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        serveSocket(protocol, { socket: webSocket, request }, log),
      );
    },
    async [Symbol.asyncDispose]() {
      // An operation that has just finished sends its answer in this turn of the event loop.
      await setImmediate();
      for (const client of server.clients) client.close(GOING_AWAY, 'Going away');
      const grace = setTimeout(() => {
        for (const client of server.clients) client.terminate();
      }, CLOSE_GRACE_MS);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(grace);
    },
  };
}

/** Yoga notes the HTTP status in the error itself, and takes it out again for HTTP alone. */
function withoutHttp({ message, nodes, source, positions, path, extensions }: GraphQLError): GraphQLError {
  // A copy: the answer to a document that is not valid is kept, and HTTP may be asked next.
  const { http: _, ...shown } = extensions;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: shown,
  });
}

type Pipeline = ReturnType<ReturnType<typeof createGraphQL>['getEnveloped']>;

function isExpired(identity: Identity | null | undefined): boolean {
  return identity?.expiresAt != null && identity.expiresAt <= Date.now();
}

function closeAtExpiry(socket: WebSocket, { expiresAt }: Identity): void {
  // One that closed while its token was checked has no `close` to come: its timer would keep the process from ending.
  if (expiresAt === null || socket.readyState !== socket.OPEN) return;
  let grace: NodeJS.Timeout | undefined;
  const callOff = atTime(expiresAt, () => {
    socket.close(FORBIDDEN, 'Forbidden');
    grace = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  });
  socket.once('close', () => {
    callOff();
    clearTimeout(grace);
  });
}

/** Browsers name the page's origin, and send it to any server; so a foreign page could speak for its reader. */
function isAllowed({ headers }: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
