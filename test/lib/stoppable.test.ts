import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { stoppable } from '../../src/lib/stoppable.ts';

describe('a stoppable generator', () => {
  test('gives what it yields, to its end', async () => {
    const given: number[] = [];
    const numbers = stoppable(async function* () {
      yield 1;
      yield 2;
    });
    for await (const number of numbers) given.push(number);
    expect(given).toEqual([1, 2]);
  });

  test('ends while it waits, and runs its finally', async () => {
    let cleanedUp = false;
    const waiting = stoppable(async function* (signal) {
      try {
        await once(signal, 'abort');
        yield 'never given';
      } finally {
        cleanedUp = true;
      }
    });
    const next = waiting.next();
    await waiting.return();
    expect(cleanedUp).toBe(true);
    await next;
    expect(await waiting.next()).toEqual({ done: true, value: undefined });
  });

  test('ends before it was begun', async () => {
    let begun = false;
    const unused = stoppable(async function* () {
      begun = true;
      yield 1;
    });
    await unused.return();
    expect(await unused.next()).toEqual({ done: true, value: undefined });
    expect(begun).toBe(false);
  });

  test('is stopped by leaving the loop', async () => {
    let stopped: AbortSignal | undefined;
    const numbers = stoppable(async function* (signal) {
      stopped = signal;
      for (let n = 0; ; n++) yield n;
    });
    for await (const number of numbers) if (number === 3) break;
    expect(stopped?.aborted).toBe(true);
  });
});
