import type { ExecutionResult } from 'graphql';
import { MessageType } from 'graphql-ws';
import { withoutHttp } from './answer-errors.ts';
import { WrittenAnswer } from './written-answer.ts';

/** Sends one answer of a subscription; resolves when the socket takes the next. */
export type Push = (answer: ExecutionResult) => Promise<void>;

/** @param id the subscription's, as the client gave it */
export function createPush(send: (message: string) => Promise<void>, id: string): Push {
  const head = `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`;
  return (answer) => send(`${head}${payloadOf(answer)}}`);
}

function payloadOf(answer: ExecutionResult): string {
  if (answer instanceof WrittenAnswer) return answer.json;
  const { errors, ...result } = answer;
  return JSON.stringify(errors === undefined ? result : { ...result, errors: errors.map(withoutHttp) });
}

/**
 * Stands for an answer that has been sent. Whoever waits for the next one may wait for seconds, and is old to V8 by then:
 * what they are given is kept, with all that it refers to, beyond the collections of what is young (`node --trace-gc`).
 */
const SENT: ExecutionResult = {};

/** Sends each answer where it is made, for `subscribe` of the executor. */
export function delivery(push: Push): (answer: ExecutionResult) => Promise<ExecutionResult> {
  return async (answer) => {
    await push(answer);
    return SENT;
  };
}

/**
 * Sends what has not been sent, and gives graphql-ws only the end: it would turn the same answer into text again for each
 * of a user's hundred devices.
 */
export function pushing(
  answers: AsyncGenerator<ExecutionResult, void, void>,
  push: Push,
): AsyncGenerator<never, void, void> {
  return {
    async next() {
      for (;;) {
        const { done, value } = await answers.next();
        if (done) return { done: true, value: undefined };
        if (value !== SENT) await push(value);
      }
    },
    async return() {
      await answers.return();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await answers.throw(error);
      return { done: true, value: undefined };
    },
    [Symbol.asyncDispose]: () => answers[Symbol.asyncDispose](),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
