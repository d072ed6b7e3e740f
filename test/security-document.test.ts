import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { VARIABLES } from '../src/environment.ts';

const document = readFileSync(join(import.meta.dirname, '../SECURITY.md'), 'utf8');
const rows = [...document.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, name = '', shown = '']) => ({
  name,
  shown,
}));
const names = Object.keys(VARIABLES) as (keyof typeof VARIABLES)[];

test('SECURITY.md has each bound, with the default that it has', () => {
  const bounds = names.filter((name) =>
    /^(MAX_|RATE_LIMIT_|SOCKET_|REQUEST_|HTTP_|(AUTH|DATABASE)_.*_MS)/.test(name),
  );
  expect(bounds.length).toBeGreaterThan(20);
  const shown = new Map(rows.map((row) => [row.name, row.shown]));
  for (const name of bounds) expect([name, shown.get(name)]).toEqual([name, VARIABLES[name].fallback]);
});

test('and none that does not exist', () => {
  for (const { name } of rows) expect(names).toContain(name);
});
