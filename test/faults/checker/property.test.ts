import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HistoryEvent, Shown } from '../history/event.ts';
import type { AnomalyName } from './anomaly.ts';
import { judge } from './judge.ts';
import { PerfectWorld } from './perfect-world.ts';
import { accusations, change, type Of, places, tellMore } from './story.ts';

const RUNS = 150;
const SEED = 20_261_125;
const USERS = ['alice', 'bob', 'carol'] as const;
/** Carol has one device, so that nobody can say what it should have been told. */
const DEVICES = { a1: 'alice', a2: 'alice', b1: 'bob', b2: 'bob', b3: 'bob', c1: 'carol' } as const;

type Step = (world: PerfectWorld) => unknown;

const pair = fc.shuffledSubarray([...USERS], { minLength: 2, maxLength: 2 }) as fc.Arbitrary<
  [string, string]
>;
const device = fc.constantFrom(...Object.keys(DEVICES));

/** Acts on one of the messages that there are. */
function onOne(act: (world: PerfectWorld, message: Shown) => void): fc.Arbitrary<Step> {
  return fc.nat().map((n) => (world) => {
    const { messages } = world;
    if (messages.length > 0) act(world, messages[n % messages.length] as Shown);
  });
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(pair, fc.array(fc.boolean(), { maxLength: 2 }), fc.boolean()).map(
      ([[from, to], unanswered, answered]): Step =>
        (world) =>
          world.send(from, to, unanswered, answered),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(device, fc.nat({ max: 8 })).map(
      ([name, count]): Step =>
        (world) =>
          world.deliver(name, count),
    ),
  },
  {
    weight: 2,
    arbitrary: pair.map(
      ([viewer, peer]): Step =>
        (world) =>
          world.mark(viewer, peer),
    ),
  },
  {
    weight: 2,
    arbitrary: device.map(
      (name): Step =>
        (world) =>
          world.resume(name),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...USERS).map(
      (user): Step =>
        (world) =>
          world.look(user),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(pair, fc.integer({ min: 1, max: 4 })).map(
      ([[from, to], count]): Step =>
        (world) =>
          world.insert(from, to, count),
    ),
  },
  { weight: 2, arbitrary: onOne((world, message) => world.edit(message)) },
  { weight: 2, arbitrary: onOne((world, message) => world.turn(message, !message.isRead)) },
  { weight: 1, arbitrary: onOne((world, message) => world.remove(message)) },
);

/** What clients of a server that does everything right see. */
const history = fc.array(step, { minLength: 10, maxLength: 60 }).map((steps) => {
  const world = new PerfectWorld(USERS);
  world.note({ type: 'fault', name: 'kill -9 of a node', failsWrites: true });
  for (const [name, user] of Object.entries(DEVICES)) world.open(name, user);
  for (const take of steps) take(world);
  return world.finish();
});

type Delivered = Of<'delivered'> & HistoryEvent;

/** Where one device was told what; a history that has none with so many is left out. */
function toldTo(events: readonly HistoryEvent[], n: number, least = 1): number[] {
  const names = Object.keys(DEVICES).filter((name) => ofDevice(events, name).length >= least);
  fc.pre(names.length > 0);
  return ofDevice(events, names[n % names.length] as string);
}

const ofDevice = (events: readonly HistoryEvent[], name: string) =>
  places(events, 'delivered', (event) => event.device === name);
const pick = (among: readonly number[], n: number) => among[n % among.length] as number;
const at = (events: readonly HistoryEvent[], place: number) => events[place] as Delivered;

function check(name: AnomalyName, spoil: (events: HistoryEvent[], n: number, m: number) => HistoryEvent[]) {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), (events, n, m) => {
      expect(accusations(spoil(events, n, m))).toEqual([name]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}

test('no history in which everything is right is accused of anything', () => {
  fc.assert(
    fc.property(history, (events) => {
      expect(judge(events)).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test('an event that a device was not told is found, wherever it was', () => {
  check('skipped', (events, n, m) => events.toSpliced(pick(toldTo(events, n), m), 1));
});

test('an event that a device was told again is found, however much later that was', () => {
  check('duplicate delivery', (events, n, m) => {
    const told = toldTo(events, n);
    const place = pick(told, m);
    const later = pick(
      told.filter((other) => other >= place),
      n,
    );
    return events.toSpliced(later + 1, 0, at(events, place));
  });
});

test('two events that a device was told in the wrong order are found', () => {
  check('out of order', (events, n, m) => {
    const told = toldTo(events, n, 2);
    const i = m % (told.length - 1);
    const [one, two] = [told[i], told[i + 1]] as [number, number];
    return events.with(one, at(events, two)).with(two, at(events, one));
  });
});

test('an event with a message that nobody wrote is found', () => {
  check('phantom', (events, n) => {
    const { device: name } = at(events, pick(toldTo(events, n), 0));
    const user = DEVICES[name as keyof typeof DEVICES];
    const message = { id: 'm!', text: 'never', isRead: false, sender: user, receiver: user };
    return tellMore(events, name, user, { kind: 'sent', message });
  });
});

test('an event with a message of two others is found', () => {
  check('leak', (events, n, m) => {
    const { device: name } = at(events, pick(toldTo(events, n), 0));
    const user = DEVICES[name as keyof typeof DEVICES];
    const others = rowsOf(events).filter(({ sender, receiver }) => sender !== user && receiver !== user);
    fc.pre(others.length > 0);
    return tellMore(events, name, user, { kind: 'sent', message: others[m % others.length] as Shown });
  });
});

test('an acknowledged message that is not in the table is found', () => {
  check('lost write', (events, n) => {
    const acknowledged = new Set(
      events.flatMap((event) => (event.type === 'end' && event.outcome === 'done' ? [event.id] : [])),
    );
    const rows = rowsOf(events).filter(({ id }) => acknowledged.has(id));
    fc.pre(rows.length > 0);
    const lost = rows[n % rows.length];
    return change(events, 'table', (table) => ({
      ...table,
      messages: table.messages.filter((row) => row !== lost),
    }));
  });
});

test('a second message of one send is found', () => {
  check('duplicate message', (events, n) => {
    const written = new Set(
      events.flatMap((event) =>
        event.type === 'begin' && event.write.kind === 'send' ? [event.write.text] : [],
      ),
    );
    const rows = rowsOf(events).filter(({ text }) => written.has(text));
    fc.pre(rows.length > 0);
    const copy = { ...(rows[n % rows.length] as Shown), id: 'm!', isRead: false };
    return change(events, 'table', (table) => ({ ...table, messages: [...table.messages, copy] }));
  });
});

test('a wrong count of unread messages is found in every snapshot', () => {
  check('unread drift', (events, n) => {
    const which = n % places(events, 'snapshot').length;
    return change(events, 'snapshot', (shown) => ({ ...shown, unreadCount: shown.unreadCount + 1 }), {
      which,
    });
  });
});

function rowsOf(events: readonly HistoryEvent[]): readonly Shown[] {
  return events.flatMap((event) => (event.type === 'table' ? event.messages : []));
}
