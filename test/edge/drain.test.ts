import { describe, expect, test } from '@jest/globals';
import { CLOSE_GRACE_MS, endSpread, longestStopMs, type OpenStream } from '../../src/edge/drain.ts';
import { eventually } from '../support/eventually.ts';

/** A stream that writes down what is done to it, and when (milliseconds). */
class Stream implements OpenStream {
  running = 0;
  refusing = false;
  endedAt: number | null = null;

  refuse(): void {
    this.refusing = true;
  }

  async end(): Promise<void> {
    this.endedAt = performance.now();
  }
}

const streams = (count: number) => Array.from({ length: count }, () => new Stream());
const never = new AbortController().signal;

/** When each was ended, from the beginning on. */
async function endingsOf(all: readonly Stream[], spreadMs: number): Promise<number[]> {
  const start = performance.now();
  await endSpread(all, spreadMs, never);
  return all.map(({ endedAt }) => (endedAt as number) - start);
}

/** That nothing ends before its turn, in steps of that length. A busy machine may be late. */
function expectSteps(endings: readonly number[], stepMs: number) {
  // Node's timers may be a millisecond early.
  const early = endings.filter((ending, i) => ending < i * stepMs - 2);
  expect(early).toEqual([]);
  expect(endings).toEqual([...endings].sort((a, b) => a - b));
}

describe('open streams are ended one after another', () => {
  test('1 ms for each, while that takes no longer than the whole may', async () => {
    const endings = await endingsOf(streams(200), 5_000);
    expectSteps(endings, 1);
    expect(endings.at(-1)).toBeLessThan(2_500);
  });

  test('evenly over the whole, when they are more', async () => {
    const endings = await endingsOf(streams(5_000), 300);
    expectSteps(endings, 300 / 5_000);
    expect(endings.at(-1)).toBeLessThan(2_000);
  });

  test('all at once when the whole is nothing', async () => {
    const all = streams(100);
    const ending = endSpread(all, 0, never);
    expect(all.filter(({ endedAt }) => endedAt === null)).toEqual([]);
    await ending;
  });

  test('none, where there is none', async () => {
    await endSpread([], 5_000, never);
  });
});

describe('a stream that owes an answer', () => {
  test('takes nothing new, and ends when it has given it; it keeps no other waiting', async () => {
    const [busy, idle] = [new Stream(), new Stream()];
    busy.running = 1;
    const ending = endSpread([busy, idle], 5_000, never);
    await eventually(() => idle.endedAt !== null);
    expect(busy).toMatchObject({ refusing: true, endedAt: null });
    busy.running = 0;
    await ending;
    expect(busy.endedAt).not.toBeNull();
  });

  test('ends at the deadline all the same', async () => {
    const busy = new Stream();
    busy.running = 1;
    await endSpread([busy], 5_000, AbortSignal.timeout(50));
    expect(busy.endedAt).not.toBeNull();
  });
});

test('the longest stop is the delay, the timeout, the spread and the grace together', () => {
  expect(longestStopMs({ delayMs: 1, timeoutMs: 20, spreadMs: 300 })).toBe(321 + CLOSE_GRACE_MS);
});
