import { expect, test } from '@jest/globals';
import { cachedCheck } from '../../src/edge/health.ts';
import { eventually } from '../support/eventually.ts';

/** A check that counts how often it was asked, and answers what it is told to. */
function countingCheck() {
  const state = { asked: 0, answer: async (): Promise<string | null> => null };
  const ready = cachedCheck(() => {
    state.asked++;
    return state.answer();
  });
  return { state, ready };
}

test('any number of probes cost one check, until its answer is a second old', async () => {
  const { state, ready } = countingCheck();
  expect(new Set(await Promise.all(Array.from({ length: 100 }, ready)))).toEqual(new Set([null]));
  await ready();
  expect(state.asked).toBe(1);

  state.answer = async () => 'gone';
  const since = performance.now();
  await eventually(async () => (await ready()) === 'gone');
  expect(performance.now() - since).toBeGreaterThan(800);
  expect(performance.now() - since).toBeLessThan(2_000);
  expect(state.asked).toBe(2);
});

test('a check that hangs is answered for after 3 s, by one answer for all; later ones are asked anew', async () => {
  const { state, ready } = countingCheck();
  state.answer = () => new Promise(() => {});
  const since = performance.now();
  expect(await Promise.all([ready(), ready()])).toEqual(Array(2).fill('The database does not answer.'));
  expect(performance.now() - since).toBeLessThan(3_500);
  expect(state.asked).toBe(1);

  state.answer = async () => null;
  await eventually(async () => (await ready()) === null);
  expect(state.asked).toBe(2);
});

test('a check that fails is not kept', async () => {
  const { state, ready } = countingCheck();
  state.answer = async () => {
    throw new Error('broken');
  };
  await expect(ready()).rejects.toThrow('broken');
  state.answer = async () => null;
  await eventually(async () => (await ready()) === null);
});
