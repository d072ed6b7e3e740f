import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

/** Lines for people in a terminal, JSON for programs everywhere else. */
export function createLog(level: string): Logger {
  const options = { level, serializers: { err: describeError } };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss', sync: true }));
}

const MAX_CAUSES = 5;

/**
 * What a log may have of an error. pino's own serializer takes all of its properties: those of a PostgreSQL error hold
 * the row that was refused ("Failing row contains …"), with what its user wrote.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error;
  const { code, constraint, routine } = error as Error & Record<string, unknown>;
  return {
    type: error.name,
    message: error.message,
    code,
    constraint,
    routine,
    stack: error.stack,
    ...(error.cause === undefined || depth === MAX_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
