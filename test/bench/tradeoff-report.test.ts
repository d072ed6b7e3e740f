import { expect, test } from '@jest/globals';
import { drawTradeoffs } from '../../bench/tradeoffs/chart.ts';
import { describeTradeoffs, documentTradeoffs } from '../../bench/tradeoffs/describe.ts';
import { longestLockIn } from '../../bench/tradeoffs/prepare.ts';
import { neededBytes } from '../../bench/tradeoffs/room.ts';
import { describeStaleness } from '../../bench/tradeoffs/tables.ts';
import { sizeResult, tradeoffResults, workOf } from './tradeoff-results.ts';

const RESULTS = tradeoffResults({
  sizes: [sizeResult({ work: [workOf('newest-50', { normalized: [2, 3, 4] })] })],
});

test('the tables show the medians', () => {
  expect(describeTradeoffs(RESULTS)).toMatch(/\| newest-50 +\| normalized \| +1 \| +3\.00 \| +350 \|/);
});

test('the document says by which command it was written, and has the same tables', () => {
  const document = documentTradeoffs(RESULTS);
  expect(document).toContain('Written by `npm run bench:tradeoffs -- --messages 500000` on 2026-11-01');
  expect(document).toMatch(/^### Reads and sends$/m);
  expect(document).toMatch(/\| newest-50 +\| normalized \| +1 \| +3\.00 \| +350 \|/);
});

test('a quick run says that it decides nothing, in its text and in its chart', () => {
  const quick = { ...RESULTS, quick: true };
  expect(describeTradeoffs(quick)).toContain('A QUICK RUN');
  expect(drawTradeoffs(quick)).toContain('too small to decide by');
  expect(describeTradeoffs(RESULTS)).not.toContain('A QUICK RUN');
  expect(drawTradeoffs(RESULTS)).not.toContain('too small');
});

test('the chart has no bar for what was not measured', () => {
  const svg = drawTradeoffs(RESULTS);
  expect(svg).toContain('Newest 50, median latency (1,000 messages)');
  expect(svg).not.toContain('Deep page');
  expect(svg).not.toContain('NaN');
});

test('what never came is not called late', () => {
  expect(describeStaleness({ ms: 12.4, staleAnswers: 3, afterRefresh: null })).toBe('after 12 ms');
  expect(describeStaleness({ ms: 12.4, staleAnswers: 0, afterRefresh: null })).toBe('at once');
  expect(describeStaleness({ ms: null, staleAnswers: 3, afterRefresh: null })).toBe('NOT while waited for');
  expect(describeStaleness({ ms: null, staleAnswers: 3, afterRefresh: false })).toBe(
    'NOT even after a refresh',
  );
});

test('the longest lock is read from what the command says', () => {
  expect(longestLockIn('messages is … now. Nobody had to wait for it longer than 12 ms (swap).')).toEqual({
    ms: 12,
    what: 'swap',
  });
  expect(longestLockIn('Nothing to do.')).toBeNull();
});

test('more forms and more messages need more room', () => {
  const form = { name: 'normalized', phase: 1, strategy: 'normalized', commands: [], through: null } as const;
  const many = Array.from({ length: 10 }, () => form);
  expect(neededBytes(5_000_000, many)).toBeGreaterThan(neededBytes(500_000, many));
  expect(neededBytes(5_000_000, many)).toBeGreaterThan(neededBytes(5_000_000, [form]));
});
