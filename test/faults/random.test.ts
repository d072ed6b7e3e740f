import { expect, test } from '@jest/globals';
import { Random } from './random.ts';

const draw = (random: Random) => Array.from({ length: 50 }, () => random.between(0, 1_000_000));

test('the same seed gives the same numbers, and another seed or name others', () => {
  expect(draw(new Random(7, 'alice'))).toEqual(draw(new Random(7, 'alice')));
  expect(draw(new Random(7, 'alice'))).not.toEqual(draw(new Random(7, 'bob')));
  expect(draw(new Random(7, 'alice'))).not.toEqual(draw(new Random(8, 'alice')));
});

test('all numbers between two come about equally often, both ends included', () => {
  const random = new Random(1);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i++) (counts[random.between(0, 3)] as number)++;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('shuffling loses nothing and doubles nothing', () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const shuffled = new Random(1).shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
});
