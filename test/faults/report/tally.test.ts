import { expect, test } from '@jest/globals';
import { story } from '../checker/story.ts';
import type { HistoryEvent } from '../history/event.ts';
import { killDatabase, terminateListeners } from '../injections/database.ts';
import type { Fault } from '../injections/fault.ts';
import { killNode } from '../injections/nodes.ts';
import { INVARIANTS } from './invariants.ts';
import { Tally } from './tally.ts';

/** The story, with another fault. */
function storyWith({ name, failsWrites }: Fault): HistoryEvent[] {
  return story().map((event) => (event.type === 'fault' ? { ...event, name, failsWrites } : event));
}

/** The cells of the row that begins so. */
function row(tally: Tally, text: string): string[] | undefined {
  const line = String(tally)
    .split('\n')
    .find((each) => each.startsWith(`| ${text} `));
  return line
    ?.split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

test('each invariant has a row with its rounds, faults, checks and anomalies', () => {
  const tally = new Tally();
  tally.add(storyWith(killNode), []);
  tally.add(storyWith(killDatabase), [{ name: 'leak', detail: '' }]);
  tally.add(storyWith(terminateListeners), []);

  for (const { text } of INVARIANTS) expect(row(tally, text)).toHaveLength(4);
  expect(row(tally, 'acknowledged writes survive kill -9 of nodes')).toEqual([
    '1',
    '1',
    '9 acknowledged writes',
    '0',
  ]);
  expect(row(tally, 'nobody is shown what is not theirs')?.slice(0, 2)).toEqual(['3', '3']);
  expect(row(tally, 'nobody is shown what is not theirs')?.at(-1)).toBe('1');
  expect(row(tally, 'losing hints fails no write')?.slice(0, 2)).toEqual(['1', '1']);
  expect(row(tally, killNode.name)).toEqual(['1', '13', '4']);
  expect(tally.anomalies).toBe(1);
});

test('there is a row for every kind of anomaly', () => {
  const tally = new Tally();
  tally.add(story(), []);
  const told = INVARIANTS.flatMap(({ anomalies }) => anomalies);
  expect(new Set(told).size).toBe(16);
});
