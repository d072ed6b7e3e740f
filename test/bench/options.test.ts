import { expect, test } from '@jest/globals';
import { type BenchOptions, readOptions } from '../../bench/options.ts';

const measured = ({ work, push }: BenchOptions) => [...work.map(({ key }) => key), ...push.parts];

test('everything is measured where nothing is asked for', () => {
  const options = readOptions([]);
  expect(measured(options)).toEqual([
    'one-message',
    'newest-50',
    'page-40',
    '20-conversations',
    'mark-read',
    'send',
    'send-to-one',
    'send-once',
    'push-crowd',
    'push-devices',
    'push-deployments',
    'idle-sockets',
  ]);
  expect(options.growth).toBe(true);
});

test('--quick measures what has a target', () => {
  const options = readOptions(['--quick']);
  expect(measured(options)).toEqual([
    'one-message',
    'newest-50',
    'send',
    'send-to-one',
    'push-crowd',
    'push-devices',
    'idle-sockets',
  ]);
  expect(options.growth).toBe(false);
});

test('--quick measures what --only names besides', () => {
  expect(measured(readOptions(['--quick', '--only', 'page-40,push-deployments']))).toEqual([
    'page-40',
    'push-deployments',
  ]);
});

test('work that there is not is refused, with the usage', () => {
  expect(() => readOptions(['--only', 'one-massage'])).toThrow(/^--only takes one-message, .*npm run bench/s);
});
