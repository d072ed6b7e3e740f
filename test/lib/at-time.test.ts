import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { atTime } from '../../src/lib/at-time.ts';

const HOUR_MS = 3_600_000;
/** How late a call may come. */
const LATENESS_MS = 1_000;

let callback: jest.Mock<() => void>;
beforeEach(() => {
  jest.useFakeTimers();
  callback = jest.fn();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('a time that has passed is now', () => {
  atTime(Date.now() - 1, callback);
  atTime(Date.now(), callback);
  expect(callback).toHaveBeenCalledTimes(2);
});

test('the call comes once, within a second of the time and not before', () => {
  atTime(Date.now() + 10_000, callback);
  jest.advanceTimersByTime(9_999);
  expect(callback).not.toHaveBeenCalled();
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(10_000);
  expect(callback).toHaveBeenCalledTimes(1);
});

test('each of several times has its own call', () => {
  const called: number[] = [];
  for (const seconds of [3, 1, 2]) atTime(Date.now() + seconds * 1_000, () => called.push(seconds));
  jest.advanceTimersByTime(2_000 + LATENESS_MS - 1);
  expect(called).toEqual([1, 2]);
  jest.advanceTimersByTime(LATENESS_MS);
  expect(called).toEqual([1, 2, 3]);
});

test('a clock that is set forward past the time, or a machine that slept, is noticed within a second', () => {
  atTime(Date.now() + HOUR_MS, callback);
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).not.toHaveBeenCalled();
  // Timers do not move with it.
  jest.setSystemTime(Date.now() + HOUR_MS);
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).toHaveBeenCalledTimes(1);
});

test('a clock that is set back puts the call off by as much', () => {
  atTime(Date.now() + HOUR_MS, callback);
  jest.setSystemTime(Date.now() - HOUR_MS);
  jest.advanceTimersByTime(HOUR_MS + LATENESS_MS);
  expect(callback).not.toHaveBeenCalled();
  jest.advanceTimersByTime(HOUR_MS);
  expect(callback).toHaveBeenCalledTimes(1);
});

test('a time beyond what timers take is waited for', () => {
  const time = Date.now() + 60 * 24 * HOUR_MS;
  atTime(time, callback);
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).not.toHaveBeenCalled();
  jest.setSystemTime(time - LATENESS_MS - 1);
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).not.toHaveBeenCalled();
  jest.advanceTimersByTime(LATENESS_MS);
  expect(callback).toHaveBeenCalledTimes(1);
});

test('what is called off does not come, and may be called off again', () => {
  const callOff = atTime(Date.now() + HOUR_MS, callback);
  const other = jest.fn();
  atTime(Date.now() + HOUR_MS, other);
  callOff();
  callOff();
  jest.advanceTimersByTime(2 * HOUR_MS);
  expect(callback).not.toHaveBeenCalled();
  expect(other).toHaveBeenCalledTimes(1);
});

test('a call may call off the others, and wait for another time', () => {
  const time = Date.now() + 1_000;
  const callOffs = [1, 2].map(() =>
    atTime(time, () => {
      callback();
      for (const callOff of callOffs) callOff();
      atTime(Date.now() + 5_000, callback);
    }),
  );
  jest.advanceTimersByTime(1_000 + LATENESS_MS);
  expect(callback).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(5_000);
  expect(callback).toHaveBeenCalledTimes(2);
});

test('all who wait share one timer, and nobody who waits leaves one behind', () => {
  const callOffs = Array.from({ length: 10_000 }, () => atTime(Date.now() + HOUR_MS, callback));
  expect(jest.getTimerCount()).toBe(1);
  for (const callOff of callOffs) callOff();
  expect(jest.getTimerCount()).toBe(0);
});
