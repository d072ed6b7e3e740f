import type { ExecutionResult } from 'graphql';
import { MessageType } from 'graphql-ws';
import { type PushStream, pulled, type Take } from '../lib/push-stream.ts';
import { withoutHttp } from './answer-errors.ts';
import { WrittenAnswer } from './written-answer.ts';

/** Sends one answer of a subscription. @returns what resolves when the socket takes the next; nothing, if it does so now */
export type Push = Take<ExecutionResult>;

/** @param id the subscription's, as the client gave it */
export function createPush(send: Take<string>, id: string): Push {
  const head = `{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`;
  return (answer) => send(`${head}${payloadOf(answer)}}`);
}

function payloadOf(answer: ExecutionResult): string {
  if (answer instanceof WrittenAnswer) return answer.json;
  const { errors, ...result } = answer;
  return JSON.stringify(errors === undefined ? result : { ...result, errors: errors.map(withoutHttp) });
}

/**
 * Sends all answers, and gives graphql-ws only the end: it would turn the same answer into text again for each of a user's
 * hundred devices.
 */
export function pushing(answers: PushStream<ExecutionResult>, push: Push): AsyncIterable<never> {
  return pulled<never>({ run: () => answers.run(push), close: () => answers.close() });
}
