import { expect, test } from '@jest/globals';
import type { HistoryEvent, Shown } from '../history/event.ts';
import { accusations, change, editIn, messageBetween, type Of, story, tellMore } from './story.ts';

type Snapshot = Of<'snapshot'>;

const look = (to: (shown: Snapshot) => Snapshot, fits: (shown: Snapshot) => boolean) =>
  change(story(), 'snapshot', to, { fits });
const bobsLook = ({ user, device, final }: Snapshot) => user === 'bob' && device === null && !final;
const alicesEnd = ({ user, final }: Snapshot) => user === 'alice' && final;

/** What alice's device was told of the message that has been edited. */
function toldOfEdit(to: (message: Shown) => readonly Shown[]): HistoryEvent[] {
  return change(
    story(),
    'delivered',
    (event) => ({
      ...event,
      told: {
        kind: 'changed',
        messages: event.told.kind === 'changed' ? event.told.messages.flatMap(to) : [],
      },
    }),
    { fits: ({ device, told }) => device === 'a1' && told.kind === 'changed' },
  );
}

const ofOthers = messageBetween(story(), 'carol', 'bob');

/** The message that bob sends to alice after his look, as it was before it was edited. */
const edited = editIn(story()).message;

test.each([
  ['over all conversations', look((shown) => ({ ...shown, unreadCount: shown.unreadCount + 1 }), bobsLook)],
  ['in the end', look((shown) => ({ ...shown, unreadCount: shown.unreadCount + 1 }), alicesEnd)],
  [
    'of one conversation',
    look(
      (shown) => ({
        ...shown,
        conversations: shown.conversations.map((each, i) => (i === 0 ? { ...each, unreadCount: -1 } : each)),
      }),
      bobsLook,
    ),
  ],
])('caught as unread drift: a wrong count %s', (_, events) => {
  expect(accusations(events)).toEqual(['unread drift']);
});

test.each([
  [
    'a snapshot lacks what stands before its cursor',
    look(({ messages, ...shown }) => ({ ...shown, messages: messages.slice(1) }), bobsLook),
  ],
  [
    'a snapshot shows what stands after its cursor',
    look(({ messages, ...shown }) => ({ ...shown, messages: [...messages, edited] }), bobsLook),
  ],
  [
    'the last look lacks a message',
    look((shown) => ({ ...shown, messages: shown.messages.slice(1) }), alicesEnd),
  ],
])('caught as state drift: %s', (_, events) => {
  expect(accusations(events)).toEqual(['state drift']);
});

test('caught as state drift: a device was told the text from before an edit', () => {
  expect(accusations(toldOfEdit(() => [edited]))).toEqual(['state drift']);
});

test.each([
  [
    'in a snapshot',
    look((shown) => ({ ...shown, messages: [...shown.messages, { ...ofOthers, isRead: true }] }), alicesEnd),
  ],
  ['in an event', toldOfEdit((message) => [message, ofOthers])],
  ['in a deletion', tellMore(story(), 'a1', 'alice', { kind: 'deleted', ids: [ofOthers.id] })],
])('caught as a leak: a message of two others %s', (_, events) => {
  expect(accusations(events)).toEqual(['leak']);
});
