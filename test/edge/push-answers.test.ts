import { expect, test } from '@jest/globals';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { createPush, pushing } from '../../src/edge/push-answers.ts';
import { WrittenAnswer } from '../../src/edge/written-answer.ts';
import type { PushStream, Take } from '../../src/lib/push-stream.ts';

/** Answers that come until it is closed, if nobody ends it before. */
class Answers implements PushStream<ExecutionResult> {
  taken = 0;
  closed = false;
  #end = () => {};

  constructor(private readonly answers: readonly ExecutionResult[]) {}

  async run(take: Take<ExecutionResult>): Promise<void> {
    for (const answer of this.answers) {
      await take(answer);
      this.taken++;
    }
    await new Promise<void>((resolve) => {
      this.#end = resolve;
    });
  }

  close(): void {
    this.closed = true;
    this.#end();
  }
}

test('every answer is sent, as the next one of its subscription, and graphql-ws is given the end alone', async () => {
  const sent: unknown[] = [];
  const push = createPush((message) => {
    sent.push(JSON.parse(message));
    return undefined;
  }, 'one');
  const answers = new Answers([
    new WrittenAnswer('{"n":1}'),
    { data: { n: 2 } },
    { errors: [new GraphQLError('over')] },
  ]);
  const given = pushing(answers, push)[Symbol.asyncIterator]();
  const next = given.next();
  await new Promise(setImmediate);
  expect(answers.taken).toBe(3);
  await given.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(sent).toEqual([
    { id: 'one', type: 'next', payload: { data: { n: 1 } } },
    { id: 'one', type: 'next', payload: { data: { n: 2 } } },
    { id: 'one', type: 'next', payload: { errors: [{ message: 'over' }] } },
  ]);
});

test('the next answer waits until the socket takes it', async () => {
  let free = () => {};
  const push = createPush(
    () =>
      new Promise<void>((resolve) => {
        free = resolve;
      }),
    'one',
  );
  const answers = new Answers([{ data: {} }, { data: {} }]);
  const given = pushing(answers, push)[Symbol.asyncIterator]();
  const next = given.next();
  await new Promise(setImmediate);
  expect(answers.taken).toBe(0);
  free();
  await new Promise(setImmediate);
  expect(answers.taken).toBe(1);
  free();
  await new Promise(setImmediate);
  await given.return?.();
  await next;
  expect(answers.taken).toBe(2);
});

test('answers that are called off before they have begun are closed', async () => {
  const answers = new Answers([{ data: {} }]);
  await pushing(answers, () => undefined)
    [Symbol.asyncIterator]()
    .return?.();
  expect(answers).toMatchObject({ closed: true, taken: 0 });
});
