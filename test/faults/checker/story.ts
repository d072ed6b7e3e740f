import type { HistoryEvent, Occurrence, Shown, Told, Write } from '../history/event.ts';
import type { AnomalyName } from './anomaly.ts';
import { positionOf } from './cursor.ts';
import { judge } from './judge.ts';
import { cursorAt, PerfectWorld } from './perfect-world.ts';

export type Of<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { type: Type }>;

/** Three people, of whom bob has two devices and writes with both others, who do not write with each other. */
export function story(): HistoryEvent[] {
  const world = new PerfectWorld(['alice', 'bob', 'carol']);
  world.note({ type: 'fault', name: 'kill -9 of a node', failsWrites: true });
  world.send('alice', 'bob');
  for (const [device, user] of Object.entries({ a1: 'alice', b1: 'bob', b2: 'bob', c1: 'carol' }))
    world.open(device, user);
  const first = world.send('alice', 'bob', [false, true]) as Shown;
  world.insert('carol', 'bob', 3);
  world.deliver('b1', 2);
  world.mark('bob', 'alice');
  world.resume('b1');
  world.look('bob');
  const second = world.send('bob', 'alice') as Shown;
  world.deliver('b2');
  world.edit(second);
  const doomed = world.send('carol', 'bob') as Shown;
  world.deliver('b1');
  world.remove(doomed);
  world.turn(first, false);
  world.send('carol', 'bob', [true], false);
  world.send('carol', 'bob', [false], false);
  world.look('bob');
  return world.finish();
}

/** What a history is accused of. */
export function accusations(events: readonly HistoryEvent[]): AnomalyName[] {
  return [...new Set(judge(events).map(({ name }) => name))].sort();
}

/** Changes one of the events of this type that fit: the first, or `which`; null takes it away. */
export function change<Type extends HistoryEvent['type']>(
  events: readonly HistoryEvent[],
  type: Type,
  to: (event: Of<Type>) => Occurrence | null,
  { fits = () => true, which = 0 }: { fits?: (event: Of<Type>) => boolean; which?: number } = {},
): HistoryEvent[] {
  const place = places(events, type, fits).at(which);
  if (place === undefined) throw new Error(`the story has no such ${type}`);
  const event = events[place] as Of<Type> & HistoryEvent;
  const changed = to(event);
  return events.toSpliced(place, 1, ...(changed === null ? [] : [{ ...changed, at: event.at }]));
}

/** Where the events of this type that fit stand. */
export function places<Type extends HistoryEvent['type']>(
  events: readonly HistoryEvent[],
  type: Type,
  fits: (event: Of<Type>) => boolean = () => true,
): number[] {
  return events.flatMap((event, i) => (event.type === type && fits(event as Of<Type>) ? [i] : []));
}

/** All that begins and ends the first write of this kind, taken away. */
export function withoutWrite(events: readonly HistoryEvent[], kind: string): HistoryEvent[] {
  const [place] = places(events, 'begin', ({ write }) => write.kind === kind);
  const { op } = events[place as number] as Of<'begin'>;
  return events.filter((event) => !((event.type === 'begin' || event.type === 'end') && event.op === op));
}

/** The first message between two people, as the table has it. */
export function messageBetween(events: readonly HistoryEvent[], one: string, other: string): Shown {
  const table = events.find((event) => event.type === 'table');
  const between = [one, other].sort().join();
  return table?.messages.find(
    ({ sender, receiver }) => [sender, receiver].sort().join() === between,
  ) as Shown;
}

/** The one edit. */
export function editIn(events: readonly HistoryEvent[]): Extract<Write, { kind: 'edit' }> {
  const [edit] = events.flatMap((event) =>
    event.type === 'begin' && event.write.kind === 'edit' ? [event.write] : [],
  );
  return edit as Extract<Write, { kind: 'edit' }>;
}

/** One more event, told to a device at the place after its last one. */
export function tellMore(
  events: readonly HistoryEvent[],
  device: string,
  user: string,
  told: Told,
): HistoryEvent[] {
  const place = places(events, 'delivered', (event) => event.device === device).at(-1) as number;
  const { at, cursor } = events[place] as Of<'delivered'> & HistoryEvent;
  const next = cursorAt(user, positionOf(cursor).seq + 1);
  return events.toSpliced(place + 1, 0, { at, type: 'delivered', device, cursor: next, told });
}
