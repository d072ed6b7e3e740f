import { expect, test } from '@jest/globals';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { createPush, delivery, pushing } from '../../src/edge/push-answers.ts';
import { WrittenAnswer } from '../../src/edge/written-answer.ts';

test('what was sent where it was made is not sent again, and is not handed on; the end that nobody made is sent', async () => {
  const sent: unknown[] = [];
  const push = createPush(async (message) => void sent.push(JSON.parse(message)), 'one');
  const deliver = delivery(push);
  const handedOn: ExecutionResult[] = [];
  async function* answers() {
    for (const data of ['{"n":1}', '{"n":2}']) {
      const left = await deliver(new WrittenAnswer(data));
      handedOn.push(left);
      yield left;
    }
    yield { errors: [new GraphQLError('over')] };
  }
  expect(await pushing(answers(), push).next()).toEqual({ done: true, value: undefined });
  expect(sent).toEqual([
    { id: 'one', type: 'next', payload: { data: { n: 1 } } },
    { id: 'one', type: 'next', payload: { data: { n: 2 } } },
    { id: 'one', type: 'next', payload: { errors: [{ message: 'over' }] } },
  ]);
  // One and the same: it refers to no answer.
  expect(handedOn[0]).toBe(handedOn[1]);
});
