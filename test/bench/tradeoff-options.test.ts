import { expect, test } from '@jest/globals';
import { readTradeoffOptions } from '../../bench/tradeoffs/options.ts';

test('both sizes of the design are measured where nothing is asked for', () => {
  expect(readTradeoffOptions([])).toMatchObject({
    sizes: [500_000, 5_000_000],
    quick: false,
    publish: false,
  });
});

test('--quick is small, and --messages measures one size alone', () => {
  expect(readTradeoffOptions(['--quick'])).toMatchObject({ sizes: [50_000], quick: true });
  expect(readTradeoffOptions(['--messages', '20000', '--rounds', '2'])).toMatchObject({
    sizes: [20_000],
    pace: { rounds: 2 },
  });
});

test.each([
  [['--messages', 'many'], '--messages takes a whole number from 10000 to 99999999, not "many".'],
  [['--messages', '9999'], '--messages takes a whole number from 10000 to 99999999, not "9999".'],
  [['--rounds', '0'], '--rounds takes a whole number from 1 to 99999999, not "0".'],
  [
    ['--fast'],
    "Unknown option '--fast'. It takes --messages <n>, --rounds <n>, --quick, --json and --publish.",
  ],
])('%j is refused in one line', (args, line) => {
  expect(() => readTradeoffOptions(args)).toThrow(expect.objectContaining({ message: line }));
});
