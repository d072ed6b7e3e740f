import { expect, test } from '@jest/globals';
import type { HistoryEvent, Shown } from '../history/event.ts';
import { cursorAt, type Entry, PerfectWorld } from './perfect-world.ts';
import { accusations, change, type Of, places, story } from './story.ts';

type Delivered = Of<'delivered'> & HistoryEvent;

/** The story, with what b1 was told changed. */
function toldToB1(to: (told: readonly Delivered[]) => readonly Delivered[]): HistoryEvent[] {
  const events = story();
  const [first = 0] = places(events, 'delivered', ({ device }) => device === 'b1');
  const isB1s = (event: HistoryEvent): event is Delivered =>
    event.type === 'delivered' && event.device === 'b1';
  const changed = to(events.filter(isB1s));
  return [...events.slice(0, first), ...changed, ...events.slice(first).filter((event) => !isB1s(event))];
}

/** A world whose log is wrong in the same way for everybody. */
function inWorld(append: (log: (...entries: readonly Entry[]) => void, entry: Entry) => void): PerfectWorld {
  class Wrong extends PerfectWorld {
    protected override append(user: string, ...entries: readonly Entry[]): void {
      for (const entry of entries) append((...wrong) => super.append(user, ...wrong), entry);
    }
  }
  const world = new Wrong(['alice', 'bob']);
  world.note({ type: 'fault', name: 'kill -9 of a node', failsWrites: true });
  world.open('a1', 'alice');
  world.open('b1', 'bob');
  return world;
}

test('what these cases change is no anomaly as it is', () => {
  expect(accusations(toldToB1((told) => told))).toEqual([]);
});

test.each([
  ['one event of many', toldToB1((told) => told.toSpliced(3, 1))],
  ['several events', toldToB1((told) => told.toSpliced(3, 3))],
  ['the first', toldToB1((told) => told.slice(1))],
  ['the last', toldToB1((told) => told.slice(0, -1))],
])('caught as skipped: %s', (_, events) => {
  expect(accusations(events)).toEqual(['skipped']);
});

test('caught as skipped: the log has a change of a message, and its sending nowhere', () => {
  const world = inWorld((log, entry) => entry.kind !== 'sent' && log(entry));
  world.edit(world.send('alice', 'bob', [true], false) as Shown);
  expect(accusations(world.finish())).toEqual(['skipped']);
});

test.each([
  ['an event at once again', toldToB1((told) => told.toSpliced(3, 0, told[3] as Delivered))],
  ['an event again later', toldToB1((told) => [...told, told[3] as Delivered])],
  ['all again', toldToB1((told) => [...told, ...told])],
])('caught as a duplicate delivery: %s', (_, events) => {
  expect(accusations(events)).toEqual(['duplicate delivery']);
});

test('caught as a duplicate delivery: the log tells one sending at two places', () => {
  const world = inWorld((log, entry) => log(entry, entry));
  world.send('alice', 'bob');
  expect(accusations(world.finish())).toEqual(['duplicate delivery']);
});

test.each([
  [
    'two events with their cursors',
    toldToB1((told) => told.toSpliced(3, 2, told[4] as Delivered, told[3] as Delivered)),
  ],
  [
    'what stands at two cursors',
    toldToB1((told) => {
      const [a, b] = [told[0], told[2]] as [Delivered, Delivered];
      return told.with(0, { ...a, told: b.told }).with(2, { ...b, told: a.told });
    }),
  ],
])('caught as out of order: to one of two devices, %s', (_, events) => {
  expect(accusations(events)).toEqual(['out of order']);
});

/** A world that logs the first message after the second one. */
class Tardy extends PerfectWorld {
  readonly #first = new Map<string, Entry>();

  protected override append(user: string, ...entries: readonly [Entry]): void {
    const first = this.#first.get(user);
    if (first === undefined) this.#first.set(user, entries[0]);
    else super.append(user, ...entries, first);
  }
}

test('caught as out of order: a message stands before one that had been acknowledged before it was sent', () => {
  const world = new Tardy(['alice', 'bob']);
  world.open('b1', 'bob');
  world.send('alice', 'bob');
  world.send('alice', 'bob');
  expect(accusations(world.finish())).toEqual(['out of order']);
});

test.each([
  [
    'one cursor for two events',
    toldToB1((told) =>
      told.toSpliced(4, 0, { ...(told[4] as Delivered), cursor: (told[3] as Delivered).cursor }),
    ),
  ],
  [
    'a cursor from before it began',
    toldToB1((told) => told.toSpliced(3, 0, { ...(told[3] as Delivered), cursor: cursorAt('bob', 1) })),
  ],
])('caught as a non-monotonic cursor: %s', (_, events) => {
  expect(accusations(events)).toEqual(['non-monotonic cursor']);
});

test('a device that gave up is not said to have been skipped as well', () => {
  const events = change(story(), 'delivered', () => null, {
    fits: ({ device }) => device === 'b1',
    which: -1,
  });
  const gaveUp = { at: events.length, type: 'gave up', who: 'b1', waitingFor: 'the end of its log' } as const;
  expect(accusations([...events, gaveUp])).toEqual(['stuck']);
});
