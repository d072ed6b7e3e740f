import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { Unauthenticated } from '../messaging/errors.ts';
import type { AnswerError } from './answer-errors.ts';
import type { Authenticate, Identity } from './identity.ts';
import type { createGraphQL } from './yoga.ts';

/** Close codes of graphql-transport-ws. 4403 lets clients come back with another token, 4401 would not. */
const FORBIDDEN = 4403;
const PING_INTERVAL_MS = 12_000;
/** Node's timers take no more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface SocketOptions {
  readonly graphql: ReturnType<typeof createGraphQL>;
  readonly authenticate: Authenticate;
  readonly answerError: AnswerError;
  readonly allowedOrigins: readonly string[];
  readonly maxMessageBytes: number;
}

export interface Sockets extends AsyncDisposable {
  readonly count: number;
  /** The `upgrade` listener of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** WebSocket with the `graphql-transport-ws` protocol. Disposing closes each socket with 1001 (going away). */
export function createSockets(options: SocketOptions): Sockets {
  const { graphql, authenticate, answerError, allowedOrigins, maxMessageBytes } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    // Compression keeps 300 KB for each socket, and helps little with small messages.
    perMessageDeflate: false,
  });

  const graphqlOverSockets = useServer<{ authorization?: unknown }, { identity: Identity }>(
    {
      async onConnect({ connectionParams, extra }) {
        const identity = await identify(connectionParams?.authorization);
        if (identity === null) return false;
        extra.identity = identity;
        closeAtExpiry(extra.socket, identity);
        return true;
      },
      async onSubscribe({ extra }, _id, params) {
        const enveloped = graphql.getEnveloped({ socketIdentity: extra.identity?.viewer ?? null, params });
        try {
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
          return errors.length > 0 ? errors : args;
        } catch (error) {
          // Thrown here it would close the socket, and every other operation with it.
          return [answerError(error)];
        }
      },
      // The pipeline was made for this one operation; see onSubscribe.
      execute: ({ rootValue, ...args }) => (rootValue as Pipeline).execute(args),
      subscribe: ({ rootValue, ...args }) => (rootValue as Pipeline).subscribe(args),
    },
    server,
    PING_INTERVAL_MS,
  );

  async function identify(authorization: unknown): Promise<Identity | null> {
    try {
      return await authenticate(typeof authorization === 'string' ? authorization : null);
    } catch (error) {
      if (error instanceof Unauthenticated) return null;
      throw answerError(error);
    }
  }

  return {
    get count() {
      return server.clients.size;
    },
    upgrade(request, socket, head) {
      if (!isAllowed(request, allowedOrigins)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        server.emit('connection', webSocket, request),
      );
    },
    async [Symbol.asyncDispose]() {
      await graphqlOverSockets.dispose();
    },
  };
}

type Pipeline = ReturnType<ReturnType<typeof createGraphQL>['getEnveloped']>;

function closeAtExpiry(socket: WebSocket, { expiresAt }: Identity): void {
  if (expiresAt === null) return;
  let timer: NodeJS.Timeout;
  function wait() {
    const remaining = Number(expiresAt) - Date.now();
    if (remaining <= 0) socket.close(FORBIDDEN, 'Forbidden');
    else timer = setTimeout(wait, Math.min(remaining, MAX_TIMEOUT_MS));
  }
  wait();
  socket.once('close', () => clearTimeout(timer));
}

/** Browsers name the page's origin, and send it to any server; so a foreign page could speak for its reader. */
function isAllowed({ headers }: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
