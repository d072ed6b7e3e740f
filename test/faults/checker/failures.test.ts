import { expect, test } from '@jest/globals';
import type { HistoryEvent, Occurrence } from '../history/event.ts';
import { accusations, change, story } from './story.ts';

function storyAnd(occurrence: Occurrence): HistoryEvent[] {
  const events = story();
  return [...events, { at: events.length, ...occurrence }];
}

const exit = { type: 'exit', node: 0, asked: 'SIGTERM', code: 0, signal: null, tookMs: 100 } as const;

test.each([
  ['a node stopped well when asked to', storyAnd(exit)],
  ['a node was killed', storyAnd({ ...exit, asked: 'SIGKILL', code: null, signal: 'SIGKILL' })],
  [
    'a subscription ended because the database was away',
    storyAnd({ type: 'stream error', device: 'b1', code: 'UNAVAILABLE' }),
  ],
])('no anomaly: %s', (_, events) => {
  expect(accusations(events)).toEqual([]);
});

test.each([
  ['unclean exit', 'a node ended by itself', storyAnd({ ...exit, asked: null })],
  ['unclean exit', 'a node ended with 1 when asked to stop', storyAnd({ ...exit, code: 1 })],
  [
    'unclean exit',
    'a node that was asked to stop crashed',
    storyAnd({ ...exit, code: null, signal: 'SIGABRT' }),
  ],
  ['unclean exit', 'a node took too long to stop', storyAnd({ ...exit, tookMs: 60_000 })],
  ['stuck', 'a sender waited in vain', storyAnd({ type: 'gave up', who: 'alice', waitingFor: 'an answer' })],
  [
    'needless resync',
    'nothing was taken from the log',
    storyAnd({ type: 'stream error', device: 'b1', code: 'RESYNC_REQUIRED' }),
  ],
  [
    'internal error',
    'a subscription ended with one',
    storyAnd({ type: 'stream error', device: 'b1', code: 'INTERNAL' }),
  ],
  [
    'internal error',
    'a send was answered with one',
    change(
      story(),
      'end',
      ({ op, attempt }) => ({ type: 'end', op, attempt, outcome: 'unknown', why: 'INTERNAL' }),
      {
        fits: ({ outcome }) => outcome === 'unknown',
      },
    ),
  ],
  [
    'wrong refusal',
    'a send was refused although nothing was wrong with it',
    change(
      story(),
      'end',
      ({ op, attempt }) => ({ type: 'end', op, attempt, outcome: 'not done', why: 'UNAUTHENTICATED' }),
      { fits: ({ outcome }) => outcome === 'unknown' },
    ),
  ],
  [
    'wrong refusal',
    'a send was not found that nobody has deleted',
    change(
      story(),
      'end',
      ({ op, attempt }) => ({ type: 'end', op, attempt, outcome: 'not done', why: 'NOT_FOUND' }),
      { fits: ({ outcome }) => outcome === 'unknown' },
    ),
  ],
  [
    'failed write',
    'sends were not answered although only hints were lost',
    change(story(), 'fault', (fault) => ({ ...fault, failsWrites: false })),
  ],
])('caught as %s: %s', (name, _, events) => {
  expect(accusations(events)).toEqual([name]);
});

test('of a round that came to no end only what happened is judged, not what is missing', () => {
  const events = story();
  const unfinished = events.filter(
    (event) => event.type !== 'table' && !(event.type === 'snapshot' && event.final),
  );
  const gaveUp = { at: events.length, type: 'gave up', who: 'the round', waitingFor: 'a node' } as const;
  expect(accusations([...unfinished, gaveUp])).toEqual(['stuck']);
});
