import { describe, expect, test } from '@jest/globals';
import { batchPerTick } from '../../src/lib/batch-per-tick.ts';
import { eventually } from '../support/eventually.ts';

function recording(
  maxSize: number,
  answer: (items: readonly number[]) => Promise<readonly number[]> = async (items) =>
    items.map((item) => item * 2),
) {
  const batches: (readonly number[])[] = [];
  const load = batchPerTick<number, number>(
    (items) => {
      batches.push(items);
      return answer(items);
    },
    { maxSize, key: String },
  );
  return { load, batches };
}

describe('batchPerTick', () => {
  test('answers the calls of one turn by one, each with its own result', async () => {
    const { load, batches } = recording(100);
    expect(await Promise.all([load(1), load(2), load(3)])).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('loads what is asked for twice in one turn once', async () => {
    const { load, batches } = recording(100);
    expect(await Promise.all([load(1), load(2), load(1)])).toEqual([2, 4, 2]);
    expect(batches).toEqual([[1, 2]]);
  });

  test('answers a later turn by another one', async () => {
    const { load, batches } = recording(100);
    await load(1);
    await load(2);
    expect(batches).toEqual([[1], [2]]);
  });

  test('takes in what is called until the turn ends', async () => {
    const { load, batches } = recording(100);
    await Promise.all([
      load(1),
      Promise.resolve().then(() => load(2)),
      new Promise(process.nextTick).then(() => load(3)),
    ]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('is never larger than its bound', async () => {
    const { load, batches } = recording(2);
    expect(await Promise.all([1, 2, 3, 4, 5].map(load))).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('a batch that fails fails for each of its callers, and for nobody else', async () => {
    const { load } = recording(2, async (items) => {
      if (items.includes(3)) throw new Error('no threes');
      return items;
    });
    const settled = await Promise.allSettled([1, 2, 3, 4].map(load));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(await load(5)).toBe(5);
  });
});

describe('while a batch is under way', () => {
  /** Its loads end when they are told to. */
  function held() {
    const ends: (() => void)[] = [];
    const { load, batches } = recording(100, async (items) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return items;
    });
    return { load, batches, ends };
  }

  test('what comes waits for its end, and then goes together', async () => {
    const { load, batches, ends } = held();
    const first = load(1);
    await new Promise(setImmediate);
    const [second, third] = [load(2), load(3)];
    await new Promise(setImmediate);
    expect(batches).toEqual([[1]]);
    ends[0]?.();
    expect(await first).toBe(1);
    await eventually(() => batches.length === 2);
    expect(batches).toEqual([[1], [2, 3]]);
    ends[1]?.();
    expect(await Promise.all([second, third])).toEqual([2, 3]);
  });

  test('it is not waited for when it takes long', async () => {
    const { load, batches, ends } = held();
    const slow = load(1);
    await new Promise(setImmediate);
    const quick = load(2);
    await eventually(() => batches.length === 2);
    ends[1]?.();
    expect(await quick).toBe(2);
    ends[0]?.();
    expect(await slow).toBe(1);
  });
});
