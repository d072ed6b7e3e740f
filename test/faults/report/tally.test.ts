import { expect, test } from '@jest/globals';
import { ANOMALY_NAMES } from '../checker/anomaly.ts';
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
  tally.addRound(storyWith(killNode), []);
  tally.addRound(storyWith(killDatabase), [{ name: 'leak', detail: '' }]);
  tally.addRound(storyWith(terminateListeners), []);

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

test('what happens after the last round is checked and counted, but as no round', () => {
  const tally = new Tally();
  tally.addRound(storyWith(terminateListeners), []);
  const exit = { type: 'exit', node: 0, asked: 'SIGTERM', code: 1, signal: null, tookMs: 100 } as const;
  tally.addEnd([{ at: 0, ...exit }], [{ name: 'unclean exit', detail: '' }]);

  for (const { text, faults } of INVARIANTS)
    expect([text, row(tally, text)?.[0]]).toEqual([text, faults === undefined ? '1' : '0']);
  expect(row(tally, 'nodes end well, and only when asked to')).toEqual(['1', '1', '1 exits', '1']);
  expect(tally.anomalies).toBe(1);
});

test('there is a row for every kind of anomaly', () => {
  const told = INVARIANTS.flatMap(({ anomalies }) => anomalies);
  expect(new Set(told)).toEqual(new Set(ANOMALY_NAMES));
});
