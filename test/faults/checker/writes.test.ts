import { expect, test } from '@jest/globals';
import type { HistoryEvent, Shown, Write } from '../history/event.ts';
import { type Entry, PerfectWorld } from './perfect-world.ts';
import { accusations, change, messageBetween, places, story, tellMore, withoutWrite } from './story.ts';

const NEVER_WRITTEN: Shown = { id: 'm999', text: 'never', isRead: false, sender: 'carol', receiver: 'bob' };

/** One message of alice to bob, and then something that is said to be done and is not. */
function claimed(write: (message: Shown) => Write): HistoryEvent[] {
  const world = new PerfectWorld(['alice', 'bob']);
  world.open('b1', 'bob');
  world.claim(write(world.send('alice', 'bob') as Shown));
  return world.finish();
}

/** A world whose log says nothing of some. */
class Forgetful extends PerfectWorld {
  protected override append(user: string, ...entries: readonly Entry[]): void {
    if (user !== 'bob') super.append(user, ...entries);
  }
}

function withTable(to: (rows: readonly Shown[]) => readonly Shown[]) {
  return change(story(), 'table', (table) => ({ ...table, messages: to(table.messages) }));
}

const alicesMessage = messageBetween(story(), 'alice', 'bob');

test.each([
  [
    'an acknowledged message is not in the table',
    withTable((rows) => rows.filter(({ id }) => id !== alicesMessage.id)),
  ],
  [
    'a send was acknowledged and nothing came of it',
    claimed(() => ({ ...NEVER_WRITTEN, kind: 'send', key: 'k' })),
  ],
  ['an acknowledged edit was not made', claimed((message) => ({ kind: 'edit', message, text: 'new' }))],
  ['an acknowledged deletion was not made', claimed((message) => ({ kind: 'delete', messages: [message] }))],
  [
    'an acknowledged mark has marked nothing',
    claimed(() => ({ kind: 'mark', viewer: 'bob', peer: 'alice', upTo: null })),
  ],
  [
    'a mark up to one message has not marked that',
    claimed(({ id }) => ({ kind: 'mark', viewer: 'bob', peer: 'alice', upTo: id })),
  ],
  [
    'of the rows of one insert, one is missing',
    change(
      change(
        story(),
        'end',
        ({ op, attempt }) => ({ type: 'end', op, attempt, outcome: 'unknown', why: 'cut' }),
        {
          fits: ({ op }) => op.startsWith('insert'),
        },
      ),
      'begin',
      (begin) => ({
        ...begin,
        write: {
          kind: 'insert',
          drafts: [...(begin.write.kind === 'insert' ? begin.write.drafts : []), NEVER_WRITTEN],
        },
      }),
      { fits: ({ write }) => write.kind === 'insert' },
    ),
  ],
])('caught as a lost write: %s', (_, events) => {
  expect(accusations(events)).toEqual(['lost write']);
});

test('caught as a lost write: an acknowledged message is in the table and told to no device of its receiver', () => {
  const world = new Forgetful(['alice', 'bob']);
  world.open('a1', 'alice');
  world.open('b1', 'bob');
  world.send('alice', 'bob');
  expect(accusations(world.finish())).toEqual(['lost write']);
});

test.each([
  [
    'the table has two messages of one send',
    withTable((rows) => [...rows, { ...alicesMessage, id: 'm998' }]),
  ],
  [
    'two answers to one key name two messages',
    change(story(), 'end', (end) => ({ ...end, outcome: 'done', id: 'm998' }), {
      fits: ({ outcome }) => outcome === 'done',
    }),
  ],
])('caught as a duplicate message: %s', (_, events) => {
  expect(accusations(events)).toEqual(['duplicate message']);
});

test.each([
  ['the table has what nobody wrote', withTable((rows) => [...rows, NEVER_WRITTEN])],
  [
    'a text that nobody gave',
    withTable((rows) => rows.map((row) => (row.id === alicesMessage.id ? { ...row, text: 'other' } : row))),
  ],
  [
    'another sender',
    withTable((rows) => rows.map((row) => (row.id === alicesMessage.id ? { ...row, sender: 'carol' } : row))),
  ],
  [
    'an event shows what nobody wrote',
    tellMore(story(), 'c1', 'carol', { kind: 'sent', message: NEVER_WRITTEN }),
  ],
  [
    'messages whose insertion was taken back',
    change(
      story(),
      'end',
      ({ op, attempt }) => ({ type: 'end', op, attempt, outcome: 'not done', why: '40P01' }),
      { fits: ({ op }) => op.startsWith('insert') },
    ),
  ],
  ['a send that was never asked for', withoutWrite(story(), 'send')],
  ['a deletion that nobody did', withoutWrite(story(), 'delete')],
  ['a change that nobody made', withoutWrite(story(), 'unread')],
  ['messages that nobody read', withoutWrite(story(), 'mark')],
])('caught as a phantom: %s', (_, events) => {
  expect(accusations(events)).toEqual(['phantom']);
});

test('the story has what these cases change', () => {
  for (const kind of ['send', 'insert', 'mark', 'edit', 'unread', 'delete'])
    expect(places(story(), 'begin', ({ write }) => write.kind === kind)).not.toEqual([]);
});
