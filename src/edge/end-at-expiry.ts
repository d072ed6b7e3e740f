import type { ExecutionResult } from 'graphql';
import { atTime } from '../lib/at-time.ts';

type Answers = AsyncGenerator<ExecutionResult, void, void>;

/** The same stream, ended by one `last` answer at `expiresAt` (milliseconds since 1970): its token is good until then. */
export function endAtExpiry(answers: Answers, expiresAt: number, last: () => ExecutionResult): Answers {
  let expired = false;
  const callOff = atTime(expiresAt, () => {
    expired = true;
    void answers.return();
  });

  async function end() {
    callOff();
    await answers.return();
  }

  return {
    async next() {
      const answer = await answers.next();
      if (!answer.done) return answer;
      callOff();
      if (!expired) return answer;
      expired = false;
      return { done: false, value: last() };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncDispose]: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
