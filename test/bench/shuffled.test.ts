import { expect, test } from '@jest/globals';
import { shuffled } from '../../bench/workloads/rows.ts';
import { createTestDatabase } from '../support/database.ts';

test('no two pairs of neighbouring ids share a place, and neighbours are not side by side', async () => {
  await using database = await createTestDatabase();
  const { rows } = await database.pool.query<{ one: number; other: number; places: number }>(
    `SELECT one, other, (count(*) OVER ())::int AS places
     FROM (
       SELECT DISTINCT ON (place) one, other, place
       FROM generate_series(1, 60) one, generate_series(1, 60) other, LATERAL (SELECT ${shuffled('one', 'other')} AS place) hashed
     ) pair
     ORDER BY place`,
  );
  expect(rows[0]?.places).toBe(60 * 60);
  const sideBySide = rows.filter(({ one, other }, i) => {
    const next = rows[i + 1];
    return next !== undefined && Math.abs(next.one - one) + Math.abs(next.other - other) === 1;
  });
  expect(sideBySide.length).toBeLessThan(36);
});
