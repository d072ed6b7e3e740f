import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { startAge } from '../../src/lib/age.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('an age grows with time', () => {
  const age = startAge();
  expect(age()).toBe(0);
  jest.advanceTimersByTime(1_500);
  expect(age()).toBe(1_500);
});

test('it does not shrink where the wall clock is set back', () => {
  const age = startAge();
  jest.setSystemTime(Date.now() - 3_600_000);
  jest.advanceTimersByTime(1_500);
  expect(age()).toBe(1_500);
});

test('it has grown while the machine slept, which only the wall clock knows', () => {
  const age = startAge();
  jest.setSystemTime(Date.now() + 3_600_000);
  expect(age()).toBe(3_600_000);
});
