import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import {
  BadUserInput,
  type ErrorCode,
  ParleyError,
  QueryTooComplex,
  RateLimited,
} from '../messaging/errors.ts';
import { argumentAtFault } from './argument-at-fault.ts';

/** How errors leave the server: the one place that decides what a client may see. */
export type AnswerError = (error: unknown, requestId?: string) => GraphQLError;

export function createAnswerError(log: Logger): AnswerError {
  /** Errors pass here at each stop on their way out; a second look would take away what the first one has added. */
  const answered = new WeakSet<object>();

  function answerOnce(error: unknown, requestId: string): GraphQLError {
    const cause = originalOf(error);
    const located = error instanceof GraphQLError ? error : undefined;
    if (cause instanceof ParleyError) {
      if (cause.code === 'UNAVAILABLE') log.warn({ requestId, err: cause.cause ?? cause }, cause.message);
      return answer(cause.message, located, extensionsOf(cause));
    }
    // Written by graphql or by Yoga about the request: not parsable, not valid, a wrong method.
    if (cause instanceof GraphQLError && located !== undefined) {
      if (cause.extensions['code'] === undefined || cause.extensions['unexpected'] !== true)
        return answer(located.message, located, refusal(cause, located));
    }
    log.error({ requestId, err: cause }, 'unexpected fault');
    return answer(`Unexpected fault; the server's log has it under ${requestId}.`, located, {
      code: 'INTERNAL' satisfies ErrorCode,
      requestId,
    });
  }

  return (error, requestId = randomUUID()) => {
    if (error instanceof GraphQLError && answered.has(error)) return error;
    const result = answerOnce(error, requestId);
    answered.add(result);
    return result;
  };
}

/** graphql wraps what resolvers throw, once for each level. */
function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;
}

/** Yoga tells the HTTP layer the status in `http`; its other extensions, such as the original error, are not for clients. */
function refusal({ extensions: { code, http } }: GraphQLError, located: GraphQLError | undefined) {
  const argument = located && argumentAtFault(located);
  return {
    code: isDocumented(code) ? code : ('BAD_USER_INPUT' satisfies ErrorCode),
    ...(argument === undefined ? {} : { argument }),
    // `spec` makes 200 of the status under application/json: right for a bad document, not for what is no request at all.
    ...(http ? { http: code === 'BAD_REQUEST' ? { ...http, spec: false } : http } : {}),
  };
}

const DOCUMENTED: ReadonlySet<unknown> = new Set<ErrorCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'IDEMPOTENCY_CONFLICT',
  'RATE_LIMITED',
  'RESYNC_REQUIRED',
  'QUERY_TOO_COMPLEX',
  'UNAVAILABLE',
  'INTERNAL',
]);

function isDocumented(code: unknown): code is ErrorCode {
  return DOCUMENTED.has(code);
}

function extensionsOf(error: ParleyError): Record<string, unknown> {
  const { code } = error;
  if (error instanceof BadUserInput) return { code, argument: error.argument };
  if (error instanceof QueryTooComplex) return { code, http: OF_A_DOCUMENT };
  if (error instanceof RateLimited) return { code, ...retryLater(error) };
  return { code };
}

/** RFC 6585, section 4; Retry-After is in seconds (RFC 9110, section 10.2.3). */
function retryLater({ retryAfterMs }: RateLimited) {
  if (retryAfterMs === undefined) return { http: { status: 429 } };
  const headers = { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) };
  return { retryAfterMs, http: { status: 429, headers } };
}

function answer(
  message: string,
  located: GraphQLError | undefined,
  extensions: Record<string, unknown>,
): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = located ?? {};
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/** `spec`: 200 under application/json, as for any document that is not valid. */
const OF_A_DOCUMENT = { status: 400, spec: true };

/** Gives an answer the HTTP status of a document that is refused. */
export function refuseDocument(answered: GraphQLError): GraphQLError {
  answered.extensions['http'] = OF_A_DOCUMENT;
  return answered;
}

/** Gives an answer the HTTP status of a request that is refused as a whole, as it is not known who asks. */
export function refuseRequest(answered: GraphQLError): GraphQLError {
  answered.extensions['http'] = REFUSALS.get(answered.extensions['code']) ?? { status: 500 };
  return answered;
}

const REFUSALS = new Map<unknown, { status: number; headers?: Record<string, string> }>([
  // RFC 6750, section 3.
  ['UNAUTHENTICATED', { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }],
  ['UNAVAILABLE', { status: 503 }],
]);

/** Yoga notes the HTTP status in the error itself, and takes it out again for HTTP alone. */
export function withoutHttp({
  message,
  nodes,
  source,
  positions,
  path,
  extensions,
}: GraphQLError): GraphQLError {
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
