import { expect, test } from '@jest/globals';
import { compareRounds } from '../../bench/tradeoffs/comparison.ts';

test('a difference is clear where every round shows it', () => {
  expect(compareRounds([1.1, 1.2, 1.3, 1.2, 1.1])).toEqual({ ratio: 1.2, isClear: true });
  expect(compareRounds([0.9, 0.8, 0.9, 0.8, 0.9])).toEqual({ ratio: 0.9, isClear: true });
  expect(compareRounds([1.1, 1.2, 0.9, 1.2, 1.1]).isClear).toBe(false);
});

test('a small one is not, and with few rounds only a large one is', () => {
  expect(compareRounds([1.02, 1.02, 1.02, 1.02, 1.02]).isClear).toBe(false);
  expect(compareRounds([1.05, 1.05, 1.05]).isClear).toBe(false);
  expect(compareRounds([1.05, 1.05, 1.05, 1.05, 1.05]).isClear).toBe(true);
});

test('nothing is clear where nothing was measured', () => {
  expect(compareRounds([]).isClear).toBe(false);
});
