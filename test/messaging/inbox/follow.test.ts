import { expect, test } from '@jest/globals';
import { BadUserInput, ResyncRequired, Unavailable } from '../../../src/messaging/errors.ts';
import type { MessageId, UserId } from '../../../src/messaging/ids.ts';
import { encodeInboxCursor } from '../../../src/messaging/inbox/cursor.ts';
import { Inbox } from '../../../src/messaging/inbox/inbox.ts';
import type { InboxPage, InboxRequest, LoggedChange } from '../../../src/messaging/inbox/log.ts';
import type { InboxLog } from '../../../src/messaging/ports.ts';
import { BusByHand } from '../../support/bus-doubles.ts';
import { eventually } from '../../support/eventually.ts';
import { collect, followed, viewerOf } from '../../support/inbox-doubles.ts';

const USER = 7;
const MESSAGE = '2026-11-22T10:00:00.000000Z/1' as MessageId;

/** A log in memory, which a test can break. */
class LogInMemory implements InboxLog {
  epoch = 'epoch';
  head = 0n;
  changes: LoggedChange[] = [];
  failure: Error | null = null;
  sweepFails = false;
  sweeps = 0;
  readonly reads: (readonly InboxRequest[])[] = [];

  grow(count = 1): this {
    for (let i = 0; i < count; i++) this.changes.push({ kind: 'sent', messageId: MESSAGE, seq: ++this.head });
    return this;
  }

  async read(requests: readonly InboxRequest[], limit: number): Promise<InboxPage[]> {
    this.reads.push(requests);
    if (this.failure) throw this.failure;
    return requests.map(({ after }) => ({
      epoch: this.epoch,
      head: this.head,
      changes: this.changes.filter(({ seq }) => seq > after).slice(0, limit),
    }));
  }

  async moved(positions: readonly InboxRequest[]) {
    this.sweeps++;
    if (this.sweepFails) throw new Error('no sweep');
    return {
      epoch: this.epoch,
      users: positions.flatMap(({ userId, after }) => (after === this.head ? [] : [userId])),
    };
  }
}

function open(log = new LogInMemory()) {
  const bus = new BusByHand();
  const errors: unknown[] = [];
  const inbox = new Inbox(log, bus, (error) => errors.push(error));
  const stop = new AbortController();
  const follow = (seq: bigint | null = 0n, signal = stop.signal) =>
    followed(
      inbox,
      viewerOf(USER),
      seq === null ? null : encodeInboxCursor(USER as UserId, { epoch: 'epoch', seq }),
      signal,
    );
  return { log, bus, inbox, stop, follow, errors };
}

test.each([0, 1, 99, 100, 101, 200, 250])(
  'a log of %s events is given whole, and then what comes',
  async (count) => {
    const { log, bus, inbox, follow } = open(new LogInMemory().grow(count));
    await using _ = inbox;
    const { taken, done } = collect(follow(), count + 1);
    await eventually(() => taken.length === count);
    log.grow();
    bus.hint(USER);
    expect(await done).toHaveLength(count + 1);
  },
);

test.each<[string, (log: LogInMemory) => unknown]>([
  ['whose next event is gone', (log) => log.changes.shift()],
  ['with a hole in it', (log) => log.changes.splice(3, 1)],
  ['whose end is gone', (log) => log.changes.pop()],
  ['that is empty below its head', (log) => log.changes.splice(0)],
  ['with an event twice', (log) => log.changes.splice(2, 0, log.changes[2] as LoggedChange)],
  ['that reaches beyond its head', (log) => log.head--],
  ['of another epoch', (log) => (log.epoch = 'another')],
])('a log %s gives nothing of that page but a resync', async (_, damage) => {
  const { log, inbox, follow } = open(new LogInMemory().grow(5));
  await using __ = inbox;
  damage(log);
  await expect(follow().next()).rejects.toThrow(ResyncRequired);
  expect(inbox.followerCount).toBe(0);
});

test.each<[string, (log: LogInMemory) => unknown]>([
  ['grows with a hole in it', (log) => log.grow(2).changes.splice(1, 1)],
  ['becomes shorter', (log) => log.head--],
])('a log that %s under an open subscription ends it with a resync', async (_, damage) => {
  const { log, bus, inbox, follow } = open(new LogInMemory().grow());
  await using __ = inbox;
  const { taken, done } = collect(follow());
  await eventually(() => taken.length === 1);
  damage(log);
  bus.hint(USER);
  await expect(done).rejects.toThrow(ResyncRequired);
});

test('a database that is replaced by one with logs of the same length is noticed by the sweep', async () => {
  const { log, inbox, follow } = open(new LogInMemory().grow());
  await using _ = inbox;
  const { taken, done } = collect(follow());
  await eventually(() => taken.length === 1 && log.sweeps > 0);
  log.epoch = 'another';
  await expect(done).rejects.toThrow(ResyncRequired);
});

test("somebody else's cursor is refused before anything is read", async () => {
  const { log, inbox, stop } = open();
  await using _ = inbox;
  const foreign = encodeInboxCursor(8 as UserId, { epoch: 'epoch', seq: 0n });
  await expect(followed(inbox, viewerOf(USER), foreign, stop.signal).next()).rejects.toThrow(BadUserInput);
  expect(log.reads).toEqual([]);
});

test('a subscription that has begun outlasts the absence of the database; one that has not says so', async () => {
  const { log, bus, inbox, follow } = open(new LogInMemory().grow());
  await using _ = inbox;
  const { taken, done } = collect(follow(), 2);
  await eventually(() => taken.length === 1);
  log.failure = new Unavailable('away');
  const reads = log.reads.length;
  bus.hint(USER);
  await eventually(() => log.reads.length > reads);
  await expect(follow().next()).rejects.toThrow(Unavailable);
  await expect(follow(null).next()).rejects.toThrow(Unavailable);

  log.failure = null;
  log.grow();
  expect(await done).toHaveLength(2);
});

test('any other failure to read ends the subscription with it', async () => {
  const { log, bus, inbox, follow } = open(new LogInMemory().grow());
  await using _ = inbox;
  const { taken, done } = collect(follow());
  await eventually(() => taken.length === 1);
  log.failure = new TypeError('a mistake');
  bus.hint(USER);
  await expect(done).rejects.toThrow(TypeError);
  expect(inbox.followerCount).toBe(0);
});

test('subscriptions that wake together are read for by one statement', async () => {
  const { log, bus, inbox, follow } = open();
  await using _ = inbox;
  const followers = Array.from({ length: 50 }, () => collect(follow(0n, new AbortController().signal), 1));
  await eventually(() => inbox.followerCount === 50);
  await eventually(() => log.reads.length > 0);
  const before = log.reads.length;
  log.grow();
  bus.hint(USER);
  for (const { done } of followers) await done;
  // And since all stand at the same place in the same log, from that one place.
  expect(log.reads.slice(before).map(({ length }) => length)).toEqual([1]);
});

test('nothing is read ahead for a subscriber that stands still', async () => {
  const { log, bus, inbox, follow } = open(new LogInMemory().grow(500));
  await using _ = inbox;
  const events = follow();
  await events.next();
  for (let i = 0; i < 5; i++) bus.hint(USER);
  await eventually(() => log.sweeps > 1);
  expect(log.reads).toHaveLength(1);
  await events.return();
});

test('every way to end leaves no follower', async () => {
  const { log, inbox, follow } = open(new LogInMemory().grow(3));
  await using _ = inbox;
  const returned = follow();
  await returned.next();
  await returned.return();
  const thrown = follow();
  await thrown.next();
  await expect(thrown.throw(new Error('enough'))).rejects.toThrow('enough');
  const unstarted = follow();
  await unstarted.return();
  log.epoch = 'another';
  await expect(follow().next()).rejects.toThrow(ResyncRequired);
  log.epoch = 'epoch';

  expect(inbox.followerCount).toBe(0);
});

test('an abort ends a subscription while it waits, while it reads and before it has begun', async () => {
  const { inbox, follow, stop } = open();
  await using _ = inbox;
  const [waiting, reading] = [collect(follow()), new AbortController()];
  await eventually(() => inbox.followerCount === 1);
  const aborted = collect(follow(0n, reading.signal));
  reading.abort();
  stop.abort();
  const late = collect(follow());
  for (const { done } of [waiting, aborted, late]) expect(await done).toEqual([]);
  expect(inbox.followerCount).toBe(0);
});

test('disposing ends every subscription', async () => {
  const { inbox, follow } = open(new LogInMemory().grow());
  const followers = [collect(follow()), collect(follow(null)), collect(follow(1n))];
  await eventually(() => inbox.followerCount === 3);
  await inbox[Symbol.asyncDispose]();
  expect((await Promise.all(followers.map(({ done }) => done))).map(({ length }) => length)).toEqual([
    1, 0, 0,
  ]);
  expect(inbox.followerCount).toBe(0);
  // One that comes too late must not wait for what nobody will tell it.
  expect(await collect(follow()).done).toEqual([]);
});

test('a sweep that fails is reported, and the next one finds what it missed', async () => {
  const { log, inbox, follow, errors } = open();
  await using _ = inbox;
  log.sweepFails = true;
  const { done } = collect(follow(), 1);
  await eventually(() => errors.length > 0);
  log.grow();
  log.sweepFails = false;
  expect(await done).toHaveLength(1);
});
