import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { Unavailable } from '../messaging/errors.ts';

/** For an event that could not be answered: the database is away, or something that it shows has just been deleted. */
const RETRY_PAUSE_MS = 250;
const MAX_FAULTS_AN_EVENT = 3;

/**
 * One event, whole. A client that is given half of one goes on from its cursor and never gets the rest: so this tries
 * again, without end while the database is away, and if all is in vain it throws, which ends the subscription.
 */
export function answerWhole(
  answer: () => Promise<ExecutionResult>,
  signal: AbortSignal,
): Promise<ExecutionResult> {
  return answer().then((result) => (result.errors === undefined ? result : tryAgain(answer, result, signal)));
}

async function tryAgain(
  answer: () => Promise<ExecutionResult>,
  failed: ExecutionResult,
  signal: AbortSignal,
): Promise<ExecutionResult> {
  let result = failed;
  for (let faults = 0; ; ) {
    const error = result.errors?.find((each) => !isUnavailable(each)) ?? result.errors?.[0];
    if (error === undefined) return result;
    if (signal.aborted || (!isUnavailable(error) && ++faults === MAX_FAULTS_AN_EVENT)) throw error;
    await delay(RETRY_PAUSE_MS, undefined, { signal }).catch(() => {});
    result = await answer();
  }
}

function isUnavailable({ originalError }: GraphQLError): boolean {
  return originalError instanceof Unavailable;
}
