import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type FormattedExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { Unauthenticated, Unavailable } from '../messaging/errors.ts';
import type { Viewer } from '../messaging/model.ts';
import { type AnswerError, withoutHttp } from './answer-errors.ts';
import { CLOSE_GRACE_MS, type OpenStream } from './drain.ts';
import { EventAnswers } from './event-answers.ts';
import type { Executor } from './execute.ts';
import type { Authenticate, Identity } from './identity.ts';
import { Quota } from './limits/quota.ts';
import { type Place, type SocketOperationLimits, SocketOperations } from './limits/socket-operations.ts';
import type { FindDocument } from './listed-operations.ts';
import { createPush, type Push, pushing } from './push-answers.ts';
import { type SocketExtra, sendOn, serveSocket } from './socket-adapter.ts';
import { comesFromAllowedOrigin } from './socket-origin.ts';
import type { createGraphQL } from './yoga.ts';

/** Close codes of graphql-transport-ws. 4403 lets clients come back with another token, 4401 would not. */
const FORBIDDEN = 4403;
/** Clients of graphql-ws come back after this one; 4500, for what `onConnect` throws, they take as final. */
const TRY_AGAIN_LATER = 1013;
/** Clients of graphql-ws come back after this one, too: to another node. */
const GOING_AWAY = 1001;
/** Clients of graphql-ws come back after this one when they have something to ask. */
const NORMAL = 1000;

export interface SocketOptions {
  readonly graphql: ReturnType<typeof createGraphQL>;
  readonly authenticate: Authenticate;
  readonly answerError: AnswerError;
  readonly allowedOrigins: readonly string[];
  readonly maxMessageBytes: number;
  readonly executor: Executor;
  readonly findDocument: FindDocument;
  readonly limits: SocketLimits;
  readonly log: Logger;
}

interface SocketLimits extends SocketOperationLimits {
  /** What may wait for a client that does not read. */
  readonly maxBufferedBytes: number;
  /** Sockets. */
  readonly maxPerViewer: number;
  readonly initTimeoutMs: number;
}

/** What is known of one socket. */
interface SocketState extends SocketExtra {
  identity?: Identity | null;
  operations?: SocketOperations;
}

export interface Sockets {
  readonly count: number;
  /** Those that are open now. Ending one closes it with 1001 (going away). */
  open(): readonly OpenStream[];
  /** The `upgrade` listener of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** WebSocket with the `graphql-transport-ws` protocol. */
export function createSockets(options: SocketOptions): Sockets {
  const { graphql, authenticate, answerError, allowedOrigins, maxMessageBytes, log } = options;
  const { executor, findDocument, limits } = options;
  const quota = new Quota(limits.maxPerViewer);
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: maxMessageBytes,
    // Compression keeps a window for each socket in memory, and helps little with small messages.
    perMessageDeflate: false,
  });
  const contexts = new WeakMap<WebSocket, Context>();

  const protocol = makeServer<{ authorization?: unknown }, SocketState>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    async onConnect(context) {
      const { connectionParams, extra } = context;
      contexts.set(extra.socket, context);
      try {
        extra.identity = await identify(connectionParams?.authorization);
      } catch (error) {
        const answer = answerError(error);
        if (!(error instanceof Unavailable)) throw answer;
        extra.socket.close(TRY_AGAIN_LATER, answer.message);
      }
      if (!extra.identity) return false;
      // One that closed while its token was checked has no `close` to come, which would free what it takes.
      if (extra.socket.readyState !== extra.socket.OPEN) return false;
      if (!takePlace(extra, extra.identity.viewer)) return false;
      closeWhenOver(extra.socket, extra.identity);
      return true;
    },
    async onSubscribe({ extra }, id, payload) {
      let place: Place | undefined;
      try {
        place = extra.operations?.begin();
        return { ...(await prepare(extra, payload, place)), place, push: pushOn(extra.socket, id) };
      } catch (error) {
        place?.leave();
        // Thrown here it would close the socket, and every other operation with it.
        const errors = Array.isArray(error) ? error : [error];
        return errors.map((each) => withoutHttp(answerError(each)));
      }
    },
    execute: (args) => executor.execute(args).finally(() => placeOf(args)?.leave()),
    async subscribe(args) {
      const place = placeOf(args);
      const { push } = args as unknown as Subscribed;
      const answers = await executor.subscribe(args, () => place?.leave());
      if (!(answers instanceof EventAnswers)) {
        place?.leave();
        return answers;
      }
      place?.stream(answers);
      return pushing(answers, push);
    },
    // Of queries and mutations; events are pushed.
    onNext(_context, _id, _payload, _args, { errors, ...result }) {
      if (errors === undefined) return;
      return { ...result, errors: errors.map(withoutHttp) } as FormattedExecutionResult;
    },
  });

  const pushOn = (socket: WebSocket, id: string) =>
    createPush((message) => sendOn(socket, message, limits.maxBufferedBytes), id);

  /** What is to be executed. @throws one error or an array of them, when it is refused. */
  async function prepare(
    { identity }: SocketState,
    params: SubscribePayload,
    place: Place | undefined,
  ): Promise<ExecutionArgs> {
    // A client that takes its time to close may still be speaking.
    if (identity?.over) throw identity.over;
    const { parse, validate, schema, contextFactory } = graphql.getEnveloped({
      identity: identity?.viewer ?? null,
      params,
    });
    const document = parse(findDocument(params) ?? '');
    const errors = validate(schema, document);
    if (errors.length > 0) throw errors;
    const operation = getOperationAST(document, params.operationName);
    if (!operation)
      throw new GraphQLError('The document has no such operation, or several and none is named.');
    if (operation.operation === 'subscription') place?.subscribe();
    const args: ExecutionArgs = {
      schema,
      document,
      operationName: params.operationName,
      variableValues: params.variables,
      contextValue: await contextFactory(),
    };
    const refusal = await executor.refusal(args);
    if (refusal !== null) throw refusal;
    return args;
  }

  /** @returns false, and closes the socket, when this viewer has too many. */
  function takePlace(extra: SocketState, viewer: Viewer): boolean {
    const { socket } = extra;
    const leave = quota.take(viewer.id);
    if (leave === null) {
      socket.close(TRY_AGAIN_LATER, 'Too many sockets of this user');
      return false;
    }
    const operations = new SocketOperations(limits, () => socket.close(NORMAL, 'Idle'));
    extra.operations = operations;
    socket.once('close', () => {
      leave();
      operations.end();
    });
    return true;
  }

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
      if (!comesFromAllowedOrigin(request, allowedOrigins)) {
        // Node.js has taken its own listeners off: a client that resets would end the process, one that stays keep it.
        socket.on('error', () => socket.destroy());
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
          socket.destroy(),
        );
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        serveSocket(protocol, { socket: webSocket, request }, limits.maxBufferedBytes, log),
      );
    },
    open: () => [...server.clients].map((socket) => openStream(socket, contexts.get(socket))),
  };
}

/** @param context `undefined` as long as nobody has said who speaks */
function openStream(socket: WebSocket, context: Context | undefined): OpenStream {
  return {
    get running() {
      // graphql-ws has the source of a subscription here, and `null` for what owes its only answer.
      const operations = Object.values(context?.subscriptions ?? {});
      return socket.readyState === socket.OPEN ? operations.filter((source) => source === null).length : 0;
    },
    refuse: () => void socket.removeAllListeners('message'),
    async end() {
      socket.close(GOING_AWAY, 'Going away');
      const cut = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
      if (socket.readyState !== socket.CLOSED) await once(socket, 'close');
      clearTimeout(cut);
    },
  };
}

interface Subscribed {
  readonly place?: Place;
  readonly push: Push;
}

function placeOf(args: ExecutionArgs): Place | undefined {
  return (args as Partial<Subscribed>).place;
}

function closeWhenOver(socket: WebSocket, identity: Identity): void {
  let grace: NodeJS.Timeout | undefined;
  const callOff = identity.whenOver(() => {
    socket.close(FORBIDDEN, 'Forbidden');
    grace = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  });
  socket.once('close', () => {
    callOff();
    clearTimeout(grace);
  });
}
