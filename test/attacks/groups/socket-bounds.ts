import { eventually } from '../../support/eventually.ts';
import type { Group } from '../attack.ts';
import { FOLLOW } from '../operations.ts';
import { type Said, subscribe, Wire } from '../senders/socket.ts';
import type { Target } from '../target.ts';

const repeat = (count: number, of: (i: number) => Said) => Array.from({ length: count }, (_, i) => of(i));

export const socketBounds: Group = {
  name: 'socket bounds',
  attacks: [
    {
      name: '101 subscriptions on a socket',
      send: oneTooMany,
      expected: '100 run, then error RATE_LIMITED, goes on',
    },
    {
      name: '401 subscriptions of a user, on 5 sockets',
      send: tooManyOfUser,
      expected: '400 run, then RATE_LIMITED',
    },
    { name: '500 queries at once', send: manyQueries, expected: 'data and error RATE_LIMITED, goes on' },
    { name: '2,000 queries, each called off at once', send: callOff, expected: 'goes on' },
    {
      name: '300 times the same id: begun, ended, and begun again',
      send: reuseId,
      expected: 'goes on, then nothing is left',
    },
    { name: '1,000 subscriptions begun and ended', send: churn, expected: 'goes on, then nothing is left' },
    { name: '50 event streams whose clients vanish', send: dropStreams, expected: 'nothing is left' },
  ],
};

/** Default of MAX_SOCKET_SUBSCRIPTIONS and MAX_SOCKET_OPERATIONS. */
const MAX_SOCKET_OPERATIONS = 100;
/** Default of MAX_VIEWER_SUBSCRIPTIONS. */
const MAX_VIEWER_SUBSCRIPTIONS = 400;

const running = (target: Target) => target.gauge('parley_subscriptions');

/** Once the sockets of earlier attacks are gone. */
async function runningAlone(target: Target): Promise<number> {
  await eventually(async () => (await target.gauge('parley_sockets')) === 0);
  return running(target);
}

async function onWire(target: Target, act: (wire: Wire) => Promise<string>): Promise<string> {
  const wire = new Wire(target);
  try {
    await wire.opened();
    return await act(wire);
  } finally {
    wire.drop();
  }
}

function oneTooMany(target: Target): Promise<string> {
  return onWire(target, async (wire) => {
    await wire.follow();
    wire.say(...repeat(MAX_SOCKET_OPERATIONS, (i) => subscribe(`${i}`, FOLLOW)));
    const refused = await wire.answer(`${MAX_SOCKET_OPERATIONS - 1}`);
    await eventually(async () => (await running(target)) >= MAX_SOCKET_OPERATIONS).catch(() => {});
    const count = await running(target);
    wire.say({ id: '0', type: 'complete' });
    await eventually(async () => (await running(target)) < count);
    return `${count} run, then ${refused}, ${await wire.goesOn()}`;
  });
}

async function tooManyOfUser(target: Target): Promise<string> {
  const wires = Array.from({ length: 5 }, () => new Wire(target));
  try {
    for (const [i, wire] of wires.entries()) {
      await wire.opened();
      const count = i < 4 ? MAX_VIEWER_SUBSCRIPTIONS / 4 : 0;
      wire.say(...repeat(count, (id) => subscribe(`${id}`, FOLLOW)));
    }
    await eventually(async () => (await running(target)) === MAX_VIEWER_SUBSCRIPTIONS).catch(() => {});
    const count = await running(target);
    wires[4]?.say(subscribe('1', FOLLOW));
    return `${count} run, then ${await wires[4]?.answer('1')}`;
  } finally {
    for (const wire of wires) wire.drop();
    await eventually(async () => (await running(target)) === 0);
  }
}

function manyQueries(target: Target): Promise<string> {
  return onWire(target, async (wire) => {
    await wire.follow();
    wire.say(
      ...repeat(500, (i) =>
        subscribe(`${i}`, '{ conversations(first: 50) { edges { node { unreadCount } } } }'),
      ),
    );
    const outcomes = new Set<string>();
    for (let i = 0; i < 500; i++) outcomes.add((await wire.answer(`${i}`)).replace(/^{.*/, 'data'));
    return `${[...outcomes].sort().join(' and ')}, ${await wire.goesOn()}`;
  });
}

function callOff(target: Target): Promise<string> {
  return onWire(target, async (wire) => {
    await wire.follow();
    for (let i = 0; i < 2_000; i++)
      wire.say(subscribe(`${i}`, '{ viewer { username } }'), { id: `${i}`, type: 'complete' });
    await eventually(async () => (await target.gauge('parley_database_requests_waiting')) === 0);
    return wire.goesOn();
  });
}

/** What still runs after the socket is gone. */
async function leftBy(
  target: Target,
  act: (wire: Wire, othersRunning: number) => Promise<void>,
): Promise<string> {
  const before = await runningAlone(target);
  const outcome = await onWire(target, async (wire) => {
    await wire.follow();
    await eventually(async () => (await running(target)) > before);
    await act(wire, before + 1);
    return wire.goesOn();
  });
  return `${outcome}, then ${await leftBeyond(target, before)}`;
}

async function leftBeyond(target: Target, before: number): Promise<string> {
  await eventually(async () => (await running(target)) === before).catch(() => {});
  const left = (await running(target)) - before;
  return `${left === 0 ? 'nothing is' : `${left} subscriptions are`} left`;
}

function reuseId(target: Target): Promise<string> {
  return leftBy(target, async (wire) => {
    for (let i = 0; i < 300; i++) wire.say(subscribe('same', FOLLOW), { id: 'same', type: 'complete' });
    wire.say(subscribe('same', FOLLOW));
  });
}

function churn(target: Target): Promise<string> {
  return leftBy(target, async (wire, others) => {
    for (let i = 0; i < 1_000; i++) {
      wire.say(subscribe(`${i}`, FOLLOW), { id: `${i}`, type: 'complete' });
      if (i % 50 === 0) await eventually(async () => (await running(target)) === others);
    }
  });
}

async function dropStreams(target: Target): Promise<string> {
  const before = await runningAlone(target);
  const drop = new AbortController();
  const streams = Array.from({ length: 50 }, () =>
    fetch(target.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${target.cast.mallory.token}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ query: FOLLOW }),
      signal: drop.signal,
    }).catch(() => {}),
  );
  await eventually(async () => (await running(target)) === before + streams.length);
  drop.abort();
  await Promise.all(streams);
  return leftBeyond(target, before);
}
