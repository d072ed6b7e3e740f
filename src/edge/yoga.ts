import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type GraphiQLOptions, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { type AnswerError, refuseRequest } from './answer-errors.ts';
import { createDocumentCache, NO_CACHE } from './document-cache.ts';
import type { Executor, RequestContext } from './execute.ts';
import { renderPage } from './graphiql.ts';
import type { Authenticate } from './identity.ts';

export interface YogaOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly authenticate: Authenticate;
  readonly answerError: AnswerError;
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  /** `null` in production. */
  readonly graphiql: (() => Promise<GraphiQLOptions>) | null;
}

/** A socket has already found out who speaks; for HTTP it is in the headers. */
export type SocketContext = {
  readonly request?: Request;
  readonly socketIdentity?: RequestContext['identity'];
};

const CORS = {
  methods: ['GET', 'POST'],
  allowedHeaders: ['authorization', 'content-type'],
  exposedHeaders: ['x-request-id'],
  // Tokens are in a header: no cookie means anything here.
  credentials: false,
  // Seconds, the most that Chromium takes. Without it each request is asked for first.
  maxAge: 7_200,
};

/** GraphQL over HTTP, with Server-Sent Events and GraphiQL; sockets take its pipeline from `getEnveloped`. */
export function createGraphQL(options: YogaOptions) {
  const { schema, executor, authenticate, answerError, allowedOrigins, maxBodyBytes, graphiql } = options;

  async function identify(authorization: string | null, requestId: string) {
    try {
      return await authenticate(authorization);
    } catch (error) {
      throw refuseRequest(answerError(error, requestId));
    }
  }

  return createYoga<SocketContext, RequestContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    // The default takes every URL that ends with /health; none ends with a space.
    healthCheckEndpoint: ' ',
    logging: false,
    // File uploads are not part of this API, and a form may be posted by any page.
    multipart: false,
    maxRequestBodySize: maxBodyBytes,
    cors(request) {
      const origin = request.headers.get('origin');
      // Yoga's own default lets every origin read with credentials.
      return origin !== null && allowedOrigins.includes(origin) ? { origin: [origin], ...CORS } : false;
    },
    async context(initial: YogaInitialContext & SocketContext): Promise<RequestContext> {
      const { socketIdentity, request } = initial;
      // The HTTP server gives each request one; an operation on a socket has none yet.
      const requestId = request?.headers.get('x-request-id') ?? randomUUID();
      // A socket is closed when its token ends, and its subscriptions with it.
      if (socketIdentity !== undefined) return { requestId, identity: socketIdentity, expiresAt: null };
      const found = await identify(request.headers.get('authorization'), requestId);
      return { requestId, identity: found?.viewer ?? null, expiresAt: found?.expiresAt ?? null };
    },
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: NO_CACHE },
    maskedErrors: { maskError: (error) => answerError(error) },
    graphiql: graphiql ?? false,
    renderGraphiQL: renderPage,
    plugins: [takesOnlyJson, usesExecutor(executor), codesErrors(answerError)],
  });
}

function usesExecutor(executor: Executor): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => executor.execute(args)),
    onSubscribe({ args, setSubscribeFn }) {
      // On a socket there is no request.
      if ((args.contextValue as { request?: Request }).request?.method === 'GET')
        throw refusal(405, 'A GET takes queries only: subscribe by POST, or on a WebSocket.');
      setSubscribeFn((subscription) => executor.subscribe(subscription));
    },
  };
}

/** Any page may post a form or plain text with its reader's rights; JSON only after the browser has asked (CORS). */
const takesOnlyJson: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method === 'GET' && requestParser) setRequestParser(refusingSyntaxErrors(requestParser));
    const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (request.method === 'POST' && type !== 'application/json')
      throw refusal(415, 'A POST takes the content type application/json.');
  },
};

type RequestParser = NonNullable<Parameters<NonNullable<Plugin['onRequestParse']>>[0]['requestParser']>;

/** In a URL, `variables` and `extensions` are JSON. Yoga takes what JSON.parse throws for a fault of its own. */
function refusingSyntaxErrors(parse: RequestParser): RequestParser {
  return (request) => {
    try {
      return parse(request);
    } catch (error) {
      throw error instanceof SyntaxError ? refusal(400, 'The parameters of the URL are no JSON.') : error;
    }
  };
}

function refusal(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status } } });
}

/** What does not parse or is not valid gets a documented code too, on every transport. */
function codesErrors(answerError: AnswerError): Plugin {
  return {
    onParse:
      () =>
      ({ result, replaceParseResult }) => {
        if (result instanceof Error) replaceParseResult(answerError(result));
      },
    onValidate:
      () =>
      ({ result, setResult }) => {
        if (result.length > 0) setResult(result.map((error) => answerError(error)));
      },
  };
}
