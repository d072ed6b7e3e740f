import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Holdings, holdingsOf, leftovers } from './aftermath.ts';
import { GROUPS } from './groups.ts';
import { Runner } from './run.ts';
import { startTargets, type Target, type Targets } from './target.ts';

let targets: Targets;
let runner: Runner;
let before: ReadonlyMap<Target, Holdings>;
beforeAll(async () => {
  targets = await startTargets();
  runner = new Runner(targets);
  before = await holdingsOfAll();
}, 60_000);
afterAll(async () => {
  await targets[Symbol.asyncDispose]();
});

async function holdingsOfAll(): Promise<Map<Target, Holdings>> {
  const all = new Map<Target, Holdings>();
  for (const target of targets.all) all.set(target, await holdingsOf(target));
  return all;
}

describe.each(GROUPS)('$name', ({ attacks }) => {
  test.each(attacks)('$name', async (attack) => {
    const { observed, faults } = await runner.run(attack);
    expect([attack.expected].flat()).toContain(observed);
    expect(faults).toEqual([]);
  });
});

test('after all of it, no socket, no subscription and no heap of memory is left behind', async () => {
  const after = await holdingsOfAll();
  for (const [target, holdings] of before)
    expect(leftovers(holdings, after.get(target) as Holdings)).toEqual([]);
});
