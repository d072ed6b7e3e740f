import { expect, test } from '@jest/globals';
import { fromNdjson, toNdjson } from '../history/history.ts';
import { judge } from './judge.ts';
import { PerfectWorld } from './perfect-world.ts';
import { change, story } from './story.ts';

const FAULT = { type: 'fault', name: 'kill -9 of a node', failsWrites: true } as const;

test('a history in which everything is right has no anomaly', () => {
  expect(judge(story())).toEqual([]);
});

test('a history that was written down and read again is judged alike', () => {
  const broken = change(story(), 'delivered', () => null);
  expect(judge(broken)).not.toEqual([]);
  expect(judge(fromNdjson(toNdjson(broken)))).toEqual(judge(broken));
});

test('a send without any answer may have been written or not, and no device need be told of it', () => {
  const world = new PerfectWorld(['alice', 'bob']);
  world.note(FAULT);
  world.open('b1', 'bob');
  world.send('alice', 'bob', [true], false);
  world.send('alice', 'bob', [false], false);
  expect(judge(world.finish())).toEqual([]);
});

test('a change without any answer may take effect as late as it likes', () => {
  const world = new PerfectWorld(['alice', 'bob']);
  world.note(FAULT);
  const message = world.send('alice', 'bob');
  if (message === null) throw new Error('it was sent');
  world.note({ type: 'begin', op: 'late', attempt: 0, write: { kind: 'edit', message, text: 'late' } });
  world.note({ type: 'end', op: 'late', attempt: 0, outcome: 'unknown', why: 'the connection was cut' });
  world.edit(message);
  const events = world.finish();
  const late = change(events, 'table', (table) => ({
    ...table,
    messages: table.messages.map((row) => ({ ...row, text: 'late' })),
  }));
  const seen = change(late, 'snapshot', (shown) => ({ ...shown, messages: [{ ...message, text: 'late' }] }), {
    fits: ({ user, final }) => final && user === 'bob',
  });
  const seenByBoth = change(
    seen,
    'snapshot',
    (shown) => ({ ...shown, messages: [{ ...message, text: 'late' }] }),
    { fits: ({ user, final }) => final && user === 'alice' },
  );
  expect(judge(seenByBoth)).toEqual([]);
});

test('a device that has to load again, because its log was trimmed, is not accused', () => {
  const world = new PerfectWorld(['alice', 'bob']);
  world.open('b1', 'bob');
  world.send('alice', 'bob');
  world.claim({ kind: 'trim', user: 'bob' });
  world.resume('b1');
  world.note({ type: 'stream error', device: 'b1', code: 'RESYNC_REQUIRED' });
  world.open('b1', 'bob');
  world.send('alice', 'bob');
  expect(judge(world.finish())).toEqual([]);
});

test('what cannot be read as a history is not judged', () => {
  const events = change(story(), 'delivered', (event) => ({ ...event, cursor: 'none' }));
  expect(() => judge(events)).toThrow('no cursor');
});
