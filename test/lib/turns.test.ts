import { expect, test } from '@jest/globals';
import { Turns } from '../../src/lib/turns.ts';

/** Longer than any test. */
const PATIENT_MS = 60_000;

test('so many have their turn at once, and each one that ends gives it to whoever has waited longest', async () => {
  const turns = new Turns(2, PATIENT_MS);
  const began: number[] = [];
  const asked = [0, 1, 2, 3].map(async (i) => {
    const end = await turns.take();
    began.push(i);
    return end;
  });
  const [first, second] = await Promise.all(asked.slice(0, 2));
  expect(began).toEqual([0, 1]);
  second?.();
  const third = await asked[2];
  expect(began).toEqual([0, 1, 2]);
  first?.();
  third?.();
  (await asked[3])?.();
  expect(began).toEqual([0, 1, 2, 3]);
});

test('whoever waits too long gets none, and does not stand in the way of the others', async () => {
  const turns = new Turns(1, 20);
  const end = await turns.take();
  expect(await Promise.all([turns.take(), turns.take()])).toEqual([null, null]);
  end?.();
  expect(await turns.take()).not.toBeNull();
  expect(await turns.take()).toBeNull();
});
