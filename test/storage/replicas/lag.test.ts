import { expect, test } from '@jest/globals';
import { WalHistory } from '../../../src/storage/replicas/lag.ts';
import type { Standing } from '../../../src/storage/statements/replication.ts';
import { eventually } from '../../support/eventually.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-01-01T12:00:00Z');

const at = (wal: bigint, time: number | null): Standing => ({
  isStandby: true,
  cluster: '1',
  database: '1',
  timeline: 1,
  wal,
  at: time,
});

/** As of a primary that was seen at these positions, just now. */
function lagOf(standby: Standing, ...seen: readonly [Standing, ...Standing[]]): number {
  const history = new WalHistory(HOUR_MS);
  for (const primary of seen) history.note(primary);
  return history.lagOf(standby, seen.at(-1) as Standing);
}

test('who has all of it is not behind, however long ago the last commit was', () => {
  expect(lagOf(at(5n, NOON - HOUR_MS), at(5n, NOON))).toBe(0);
  expect(lagOf(at(6n, null), at(5n, NOON))).toBe(0);
});

test('who has all of what was there a moment ago is a moment behind, though the last commit is old', () => {
  expect(lagOf(at(4n, NOON - HOUR_MS), at(4n, NOON), at(5n, NOON))).toBeLessThan(1_000);
});

test('who has less than was ever seen is as far behind as its last commit', () => {
  expect(lagOf(at(3n, NOON - HOUR_MS), at(4n, NOON), at(5n, NOON))).toBe(HOUR_MS);
});

test('who has no commit at all may be behind by anything', () => {
  expect(lagOf(at(3n, null), at(4n, NOON), at(5n, NOON))).toBe(Number.POSITIVE_INFINITY);
});

test('what is no longer needed to measure that is forgotten', async () => {
  const history = new WalHistory(0);
  const primary = (wal: bigint) => at(wal, NOON);
  for (const wal of [1n, 2n, 3n]) {
    history.note(primary(wal));
    const noted = performance.now();
    await eventually(() => performance.now() > noted);
  }
  // Of 2 and 3 it is known when they were written; of 1 no more.
  expect(history.lagOf(at(2n, null), primary(3n))).toBeLessThan(1_000);
  expect(history.lagOf(at(1n, null), primary(3n))).toBe(Number.POSITIVE_INFINITY);
});
