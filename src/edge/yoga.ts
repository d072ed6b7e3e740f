import { randomUUID } from 'node:crypto';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphQLSchema } from 'graphql';
import { createYoga, type GraphiQLOptions, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { Unauthenticated } from '../messaging/errors.ts';
import { type AnswerError, refuseToken } from './answer-errors.ts';
import type { Executor, RequestContext } from './execute.ts';
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

/** GraphQL over HTTP, with Server-Sent Events and GraphiQL; sockets take its pipeline from `getEnveloped`. */
export function createGraphQL(options: YogaOptions) {
  const { schema, executor, authenticate, answerError, allowedOrigins, maxBodyBytes, graphiql } = options;

  async function identify(authorization: string | null) {
    try {
      return (await authenticate(authorization))?.viewer ?? null;
    } catch (error) {
      throw error instanceof Unauthenticated ? refuseToken(error) : answerError(error);
    }
  }

  return createYoga<SocketContext, RequestContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    // File uploads are not part of this API, and a form may be posted by any page.
    multipart: false,
    maxRequestBodySize: maxBodyBytes,
    cors(request) {
      const origin = request.headers.get('origin');
      // Yoga's own default lets every origin read with credentials.
      return origin !== null && allowedOrigins.includes(origin)
        ? { origin: [origin], methods: ['GET', 'POST'], allowedHeaders: ['authorization', 'content-type'] }
        : false;
    },
    async context(initial: YogaInitialContext & SocketContext): Promise<RequestContext> {
      const { socketIdentity, request } = initial;
      return {
        requestId: request?.headers.get('x-request-id') ?? randomUUID(),
        identity:
          socketIdentity === undefined
            ? await identify(request.headers.get('authorization'))
            : socketIdentity,
      };
    },
    maskedErrors: { maskError: (error) => answerError(error) },
    graphiql: graphiql ?? false,
    // The default loads GraphiQL from a CDN.
    renderGraphiQL,
    plugins: [usesExecutor(executor), codesErrors(answerError)],
  });
}

function usesExecutor(executor: Executor): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => executor.execute(args)),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args) => executor.subscribe(args)),
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
