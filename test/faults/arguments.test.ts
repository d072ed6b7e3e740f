import { expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';
import { FAULTS } from './injections/faults.ts';

test('without any arguments a hundred rounds with all faults are played, of a seed that nobody chose', () => {
  const [one, other] = [readArguments([]), readArguments([])];
  expect(one).toMatchObject({ kind: 'run', rounds: { length: 100 }, faults: FAULTS, long: false });
  expect(one).not.toEqual(other);
});

test('a round of a seed can be played alone, with some of the faults', () => {
  const wish = readArguments(['--seed', '7', '--round', '42', '--only', 'Redis']);
  expect(wish).toMatchObject({ kind: 'run', seed: 7, rounds: [42], only: 'Redis' });
  expect(wish.kind === 'run' && wish.faults.every(({ name }) => name.includes('Redis'))).toBe(true);
});

test('a history can be judged again', () => {
  expect(readArguments(['--judge', 'file'])).toEqual({ kind: 'judge', file: 'file' });
});

test.each([
  [['--rounds', 'many'], '--rounds takes a whole number, not "many".'],
  [['--only', 'love'], '--only takes a part of one of these names, not "love":'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused: %s', (args, message) => {
  expect(() => readArguments(args)).toThrow(message);
});
