import { expect, test } from '@jest/globals';
import { type PushStream, pulled, type Take } from '../../src/lib/push-stream.ts';

/** Gives these, and then ends; notes what was taken, and whether it was closed. */
class Numbers implements PushStream<number> {
  readonly taken: number[] = [];
  closed = 0;
  begun = false;

  constructor(
    private readonly numbers: readonly number[],
    private readonly failure?: Error,
  ) {}

  async run(take: Take<number>): Promise<void> {
    this.begun = true;
    for (const number of this.numbers) {
      if (this.closed > 0) return;
      await take(number);
      this.taken.push(number);
    }
    if (this.failure) throw this.failure;
  }

  close(): void {
    this.closed++;
  }
}

test('gives all that the stream gives, to its end', async () => {
  const given: number[] = [];
  for await (const number of pulled(new Numbers([1, 2, 3]))) given.push(number);
  expect(given).toEqual([1, 2, 3]);
});

test('takes no further item before it is asked for', async () => {
  const numbers = new Numbers([1, 2, 3]);
  const asked = pulled(numbers);
  expect((await asked.next()).value).toBe(1);
  await new Promise(setImmediate);
  expect(numbers.taken).toEqual([]);
  expect((await asked.next()).value).toBe(2);
  expect(numbers.taken).toEqual([1]);
});

test('breaks as the stream breaks, after what came before', async () => {
  const asked = pulled(new Numbers([1], new Error('broken')));
  expect((await asked.next()).value).toBe(1);
  await expect(asked.next()).rejects.toThrow('broken');
  expect(await asked.next()).toEqual({ done: true, value: undefined });
});

test('closes the stream when the one who asks leaves', async () => {
  const numbers = new Numbers([1, 2, 3]);
  for await (const number of pulled(numbers)) if (number === 2) break;
  expect(numbers.closed).toBeGreaterThan(0);
  expect(numbers.taken).toEqual([1, 2]);
});

test('closes a stream that it has not begun', async () => {
  const numbers = new Numbers([1]);
  const asked = pulled(numbers);
  await asked.return();
  expect(await asked.next()).toEqual({ done: true, value: undefined });
  expect([numbers.closed, numbers.begun]).toEqual([1, false]);
});
