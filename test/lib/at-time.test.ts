import { expect, jest, test } from '@jest/globals';
import { atTime } from '../../src/lib/at-time.ts';

const DAY_MS = 86_400_000;

test('a time that has passed is now', () => {
  const callback = jest.fn();
  atTime(Date.now() - 1, callback);
  expect(callback).toHaveBeenCalledTimes(1);
});

test('a time beyond what timers take is waited for, and no call comes before', () => {
  jest.useFakeTimers();
  try {
    const callback = jest.fn();
    atTime(Date.now() + 60 * DAY_MS, callback);
    jest.advanceTimersByTime(60 * DAY_MS - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  } finally {
    jest.useRealTimers();
  }
});

test('what is called off does not come', () => {
  jest.useFakeTimers();
  try {
    const callback = jest.fn();
    const callOff = atTime(Date.now() + DAY_MS, callback);
    callOff();
    jest.advanceTimersByTime(2 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
  } finally {
    jest.useRealTimers();
  }
});
