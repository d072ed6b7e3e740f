import { expect, test } from '@jest/globals';
import { verdictsOf } from '../../bench/tradeoffs/claims.ts';
import type { SizeResult } from '../../bench/tradeoffs/results.ts';
import { formResult, sizeResult, workOf } from './tradeoff-results.ts';

const NORMALIZED = formResult({ name: 'normalized' });

function verdict(claim: RegExp, over: Partial<SizeResult>) {
  const found = verdictsOf(sizeResult(over)).find((one) => claim.test(one.claim));
  if (found === undefined) throw new Error(`nothing is said of ${claim}`);
  return found;
}

const denormalized = (bytes: number) =>
  formResult({
    name: 'denormalized',
    strategy: 'denormalized',
    storage: { bytes, rowBytes: 120, cacheBytes: null },
  });

test('storage of username columns is held against 15 %, and the number stands beside it', () => {
  const held = verdict(/storage/, { forms: [NORMALIZED, denormalized(116_000)] });
  expect(held.verdict).toBe('held');
  expect(held.measured).toContain('+16.0 % for table and indexes');
  expect(held.measured).toContain('(116 against 100 bytes a message); +20.0 % for a row alone');
  expect(verdict(/storage/, { forms: [NORMALIZED, denormalized(104_000)] }).verdict).toBe('did not hold');
  expect(verdict(/storage/, { forms: [NORMALIZED, denormalized(140_000)] }).verdict).toBe('did not hold');
});

test('what took no part is not measured, and no claim of it holds or falls', () => {
  for (const claim of [
    /storage/,
    /faster reads/,
    /complex/,
    /Redis/,
    /stale/,
    /covering/,
    /partitions/,
    /replicas/,
  ])
    expect(verdict(claim, {}).verdict).toBe('not measured');
});

test('reads are faster only where all rounds agree', () => {
  const reads = (deep: readonly number[]) =>
    verdict(/Username columns: faster/, {
      work: [
        workOf('newest-50', { normalized: [2, 2, 2], denormalized: [1, 1, 1] }),
        workOf('page-40', { normalized: [2, 2, 2], denormalized: deep }),
      ],
    });
  expect(reads([1, 1, 1]).verdict).toBe('held');
  expect(reads([1, 3, 1]).verdict).toBe('held in part');
  expect(reads([1, 3, 1]).measured).toContain(
    'a deep page takes about the same (50 % less, but not clearly)',
  );
});

test('the cache is best only where nobody is faster, by latency and by CPU', () => {
  const forms = [NORMALIZED, formResult({ name: 'cached', strategy: 'cached' })];
  const best = (cached: readonly number[]) =>
    verdict(/Redis: best/, { forms, work: [workOf('newest-50-recent', { normalized: [2, 2, 2], cached })] });
  expect(best([1, 1, 1]).verdict).toBe('held');
  expect(best([1, 3, 1])).toMatchObject({
    verdict: 'did not hold',
    measured: expect.stringContaining('by latency, though not clearly: cached 1.00 ms, normalized 2.00 ms'),
  });
  expect(best([3, 3, 3])).toMatchObject({
    verdict: 'did not hold',
    measured: expect.stringContaining('by latency: normalized 2.00 ms, cached 3.00 ms'),
  });
});

test('stale data are said with how long they stay', () => {
  const late = { ms: null, staleAnswers: 9, afterRefresh: true };
  const staleness = { ...NORMALIZED.staleness, rename: late };
  const materialized = formResult({ name: 'materialized', strategy: 'materialized', staleness });
  const cached = formResult({ name: 'cached', strategy: 'cached' });
  expect(verdict(/Redis: risk/, { forms: [cached, materialized] }).verdict).toBe('did not hold');
  expect(verdict(/view.*risk/, { forms: [cached, materialized] })).toMatchObject({
    verdict: 'held',
    measured: expect.stringContaining(
      'insert at once, edit at once, delete at once, rename with the next refresh',
    ),
  });
});

test('a full scan is held against 500 ms at the size that was measured', () => {
  const scanning = (fullScanMs: number) =>
    formResult({ name: 'normalized', scans: { reportMs: null, fullScanMs } });
  expect(verdict(/Full scan/, { forms: [scanning(499)] }).verdict).toBe('did not hold');
  expect(verdict(/Full scan/, { forms: [scanning(800)] })).toMatchObject({
    verdict: 'held',
    measured: expect.stringContaining('is refused: it takes too long'),
  });
});

test('the covering index is judged by every read that could use it', () => {
  const index = (ratios: readonly number[]) => ({
    indexes: [
      {
        name: 'idx_msg_covering' as const,
        bytes: 1,
        reads: [{ read: 'newest 50', on: 1, off: 1, ratios }],
        send: { on: 1, off: 1, ratios: [0.8, 0.8, 0.7] },
      },
    ],
  });
  expect(verdict(/covering/, index([1.5, 1.4, 1.6])).verdict).toBe('held');
  expect(verdict(/covering/, index([1, 1.1, 0.9]))).toMatchObject({
    verdict: 'did not hold',
    measured: expect.stringContaining('CPU of a send 20 % less'),
  });
});
