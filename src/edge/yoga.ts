import { randomUUID } from 'node:crypto';
import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import { createYoga, type GraphiQLOptions, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { pulled } from '../lib/push-stream.ts';
import { type AnswerError, refuseDocument, refuseRequest } from './answer-errors.ts';
import { EventAnswers } from './event-answers.ts';
import type { Executor, RequestContext } from './execute.ts';
import { renderPage } from './graphiql.ts';
import { hidesSchema } from './hides-schema.ts';
import type { Authenticate, Identity } from './identity.ts';
import { type KnownDocuments, NO_CACHE } from './known-documents.ts';
import { boundsDocuments, type DocumentLimits } from './limits/documents.ts';
import type { FindDocument, OperationRequest } from './listed-operations.ts';
import { refusedRequest, takesOnlyJson } from './takes-only-json.ts';

export interface YogaOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly authenticate: Authenticate;
  readonly answerError: AnswerError;
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly limits: DocumentLimits;
  readonly documents: KnownDocuments;
  readonly findDocument: FindDocument;
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  /** `null` in production. */
  readonly graphiql: (() => Promise<GraphiQLOptions>) | null;
}

/** What a transport has found out before Yoga is asked. */
export type TransportContext = {
  readonly request?: Request;
  /** Who speaks; else it is in the headers. */
  readonly identity?: RequestContext['identity'];
  /** What came of looking at these. */
  readonly authenticated?: Promise<Identity | null>;
  /** What has been executed already, and has to be put into words. */
  readonly result?: ExecutionResult;
  /** Called when a query or mutation is answered without errors. */
  readonly onGoodAnswer?: () => void;
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
  const { limits, documents, findDocument, introspection } = options;

  async function identify(request: Request, requestId: string, authenticated?: Promise<Identity | null>) {
    try {
      return await (authenticated ?? authenticate(request.headers.get('authorization')));
    } catch (error) {
      throw refuseRequest(answerError(error, requestId));
    }
  }

  return createYoga<TransportContext, RequestContext>({
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
    async context(initial: YogaInitialContext & TransportContext): Promise<RequestContext> {
      const { identity, authenticated, request } = initial;
      // The HTTP server gives each request one; an operation on a socket has none yet.
      const requestId = request?.headers.get('x-request-id') ?? randomUUID();
      // A socket is closed when its identity is over, and its subscriptions with it.
      if (identity !== undefined) return { requestId, identity, lifetime: null };
      const found = await identify(request, requestId, authenticated);
      return { requestId, identity: found?.viewer ?? null, lifetime: found };
    },
    parserAndValidationCache: { documentCache: documents.parsed, errorCache: NO_CACHE },
    maskedErrors: { maskError: (error) => answerError(error) },
    graphiql: graphiql ?? false,
    renderGraphiQL: renderPage,
    extraParamNames: ['documentId'],
    plugins: [
      takesOnlyJson,
      takesListedOperations(findDocument, answerError),
      boundsDocuments(limits),
      ...(introspection ? [] : [hidesSchema]),
      usesExecutor(executor),
      codesErrors(answerError),
      documents.noting,
    ],
  });
}

function usesExecutor(executor: Executor): Plugin {
  async function refusal(args: ExecutionArgs) {
    const refused = await executor.refusal(args);
    return refused && { errors: [refused] };
  }
  return {
    onExecute: ({ setExecuteFn }) =>
      setExecuteFn(async (args) => {
        const { result, onGoodAnswer } = args.contextValue as TransportContext;
        if (result !== undefined) return withStatus(result);
        const refused = await refusal(args);
        if (refused !== null) return refused;
        const answer = await executor.execute(args);
        if (answer.errors === undefined) onGoodAnswer?.();
        return withStatus(answer);
      }),
    onSubscribe({ args, setSubscribeFn }) {
      if ((args.contextValue as { request: Request }).request.method === 'GET')
        throw refusedRequest(405, 'A GET takes queries only: subscribe by POST, or on a WebSocket.');
      setSubscribeFn(async (subscription) => {
        const refused = await refusal(subscription);
        if (refused !== null) return refused;
        const answers = await executor.subscribe(subscription);
        return answers instanceof EventAnswers ? pulled(answers) : withStatus(answers);
      });
    },
  };
}

/** Bad variables, or a subscription of nothing: as of a document that is not valid (GraphQL over HTTP, section 6.4.2). */
function withStatus<Result extends object>(result: Result): Result {
  const { data, errors } = result as ExecutionResult;
  if (data !== undefined || errors === undefined) return result;
  for (const error of errors) if (error.extensions['code'] === 'BAD_USER_INPUT') refuseDocument(error);
  return result;
}

/** By id or by text. Sockets, which Yoga gives no parameters, do the same for themselves. */
function takesListedOperations(findDocument: FindDocument, answerError: AnswerError): Plugin {
  function find(params: OperationRequest): string | undefined {
    try {
      return findDocument(params);
    } catch (error) {
      throw refuseDocument(answerError(error));
    }
  }
  return {
    onParams({ params, setParams }) {
      const query = find(params as OperationRequest);
      if (query !== undefined && query !== params.query) setParams({ ...params, query });
    },
  };
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
