import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { BadUserInput, type ErrorCode, ParleyError, type Unauthenticated } from '../messaging/errors.ts';

/** How errors leave the server: the one place that decides what a client may see. */
export type AnswerError = (error: unknown, requestId?: string) => GraphQLError;

export function createAnswerError(log: Logger): AnswerError {
  return (error, requestId = randomUUID()) => {
    const cause = originalOf(error);
    const located = error instanceof GraphQLError ? error : undefined;
    if (cause instanceof ParleyError) {
      if (cause.code === 'UNAVAILABLE') log.warn({ requestId, err: cause.cause ?? cause }, cause.message);
      return answer(cause.message, located, extensionsOf(cause));
    }
    // Written by graphql or by Yoga about the request: not parsable, not valid, a wrong method.
    if (cause instanceof GraphQLError) {
      if (cause.extensions['code'] === undefined || cause.extensions['unexpected'] !== true)
        return answer(cause.message, located, refusal(cause));
    }
    log.error({ requestId, err: cause }, 'unexpected fault');
    return answer(`Unexpected fault; the server's log has it under ${requestId}.`, located, {
      code: 'INTERNAL' satisfies ErrorCode,
      requestId,
    });
  };
}

/** graphql wraps what resolvers throw, once for each level. */
function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? originalOf(error.originalError) : error;
}

/** Yoga tells the HTTP layer the status in `http`; its other extensions, such as the original error, are not for clients. */
function refusal({ extensions: { code, http } }: GraphQLError) {
  return {
    code: isDocumented(code) ? code : ('BAD_USER_INPUT' satisfies ErrorCode),
    ...(http ? { http } : {}),
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

function extensionsOf(error: ParleyError) {
  return {
    code: error.code,
    ...(error instanceof BadUserInput ? { argument: error.argument } : {}),
  };
}

function answer(
  message: string,
  located: GraphQLError | undefined,
  extensions: Record<string, unknown>,
): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = located ?? {};
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}

/** The HTTP answer to a token that is no good: 401, whatever else is in the request (RFC 6750, section 3). */
export function refuseToken(error: Unauthenticated): GraphQLError {
  return new GraphQLError(error.message, {
    extensions: {
      ...extensionsOf(error),
      http: { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } },
    },
  });
}
