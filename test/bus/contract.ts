import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { UserId } from '../../src/messaging/ids.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { eventually } from '../support/eventually.ts';

export interface BusUnderTest {
  /** Another end of the same bus, which is connected: in another process, were this no test. */
  readonly open: () => Promise<HintBus>;
  /** `null` where the bus has only one end, and nothing in between that could be cut. */
  readonly between: {
    /** Ends the connections of every end. */
    readonly cut: () => Promise<void>;
  } | null;
  /** Whether hints about a user come only where that user is watched, some time after. */
  readonly selective: boolean;
}

/** Everything that was heard at one end. */
export class Ear {
  readonly users = new Set<UserId>();
  everyone = 0;
  hints = 0;

  constructor(private readonly bus: HintBus) {
    bus.subscribe((users) => {
      this.hints++;
      if (users === 'everyone') this.everyone++;
      else for (const user of users) this.users.add(user);
    });
  }

  has(users: readonly UserId[]): boolean {
    return users.every((user) => this.users.has(user));
  }

  async hears(users: readonly UserId[]): Promise<void> {
    await eventually(() => this.has(users));
  }

  /** Has them published until they are heard: the way may not be open yet. */
  async comesToHear(users: readonly UserId[], publisher: HintBus): Promise<void> {
    await eventually(() => {
      publisher.publish(users);
      return this.has(users);
    });
  }

  /** Watches; where that takes time, until hints come. */
  async watch(users: readonly UserId[], { selective }: Pick<BusUnderTest, 'selective'>): Promise<void> {
    for (const user of users) this.bus.watch(user);
    if (selective) await this.hears(users);
    this.forget();
  }

  forget(): void {
    this.users.clear();
    this.everyone = this.hints = 0;
  }
}

export const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (from + i) as UserId);

/**
 * What every bus does: hints about those who are watched reach all who listen, here and elsewhere; and publishing never
 * throws or waits.
 */
export function busContract(bus: BusUnderTest): void {
  const { open, between } = bus;
  let ends: HintBus[];
  beforeEach(async () => {
    ends = [await open(), ...(between ? [await open(), await open()] : [])];
  });
  afterEach(async () => {
    for (const end of ends) await end[Symbol.asyncDispose]();
  });

  /** An ear at each end, which watches these users. */
  async function listen(users: readonly UserId[]): Promise<Ear[]> {
    const ears = ends.map((end) => new Ear(end));
    await Promise.all(ears.map((ear) => ear.watch(users, bus)));
    return ears;
  }
  const at = (i: number) => ends[i % ends.length] as HintBus;

  test('a hint reaches every listener at every end', async () => {
    const ears = [...(await listen(ids(1, 2))), ...ends.map((end) => new Ear(end))];
    at(0).publish(ids(1, 2));
    for (const ear of ears) await ear.hears(ids(1, 2));
    for (const ear of ears) expect([...ear.users].sort()).toEqual([1, 2]);
  });

  test('at the end where it was published a hint is heard at once, watched or not', () => {
    const ear = new Ear(at(0));
    at(0).publish(ids(1, 1));
    expect(ear.users).toEqual(new Set([1]));
  });

  test('hints go in every direction', async () => {
    const users = ids(100, ends.length);
    const ears = await listen(users);
    for (const [i, user] of users.entries()) at(i).publish([user]);
    for (const ear of ears) await ear.hears(users);
  });

  test('5,000 users with the largest of ids go at once', async () => {
    const users = ids(2_147_483_647 - 4_999, 5_000);
    const ears = await listen(users);
    at(0).publish(users);
    for (const ear of ears) await ear.hears(users);
  });

  test('a burst of hints from many sends arrives, each user at least once', async () => {
    const ears = await listen(ids(1, 2_000));
    for (let user = 1; user <= 2_000; user++) at(user).publish(ids(user, 1));
    for (const ear of ears) await ear.hears(ids(1, 2_000));
  });

  test('a hint about nobody does no harm to later ones', async () => {
    const ears = await listen(ids(5, 1));
    at(0).publish([]);
    at(0).publish(ids(5, 1));
    for (const ear of ears) await ear.hears(ids(5, 1));
  });

  test('who is watched again and again is heard of, and who is watched last of all', async () => {
    const ears = await listen([]);
    for (let round = 0; round < 20; round++) {
      for (const end of ends) {
        for (const user of ids(1, 50)) end.watch(user);
        for (const user of ids(26, 50)) end.unwatch(user);
      }
      if (round % 5 === 0) at(round).publish(ids(1, 50));
    }
    const users = [...ids(1, 25), ...ids(75, 1)];
    for (const end of ends) end.watch(ids(75, 1)[0] as UserId);
    for (const ear of ears) ear.forget();
    for (const [i, ear] of ears.entries()) await ear.comesToHear(users, at(i + 1));
  });

  test('hints published before and after the end of another end arrive', async () => {
    const [ear] = await listen(ids(1, 4));
    await using passing = await open();
    at(1).publish(ids(1, 1));
    passing.publish(ids(2, 1));
    await ear?.hears(between ? ids(1, 2) : ids(1, 1));
    await passing[Symbol.asyncDispose]();
    at(1).publish(ids(3, 1));
    await ear?.hears(ids(3, 1));
  });

  test('a bus that is closed may still be asked for anything', async () => {
    await using passing = await open();
    passing.publish(ids(1, 1));
    passing.watch(1 as UserId);
    await passing[Symbol.asyncDispose]();
    passing.publish(ids(1, 3));
    passing.watch(2 as UserId);
    passing.unwatch(1 as UserId);
  });

  if (between === null) return;

  test('after its connections were cut listeners are told of all who are watched, and hints flow again, again and again', async () => {
    const users = ids(1, 1_500);
    const ears = await listen(users);
    for (let round = 0; round < 3; round++) {
      for (const ear of ears) ear.forget();
      await between.cut();
      for (const ear of ears) await eventually(() => ear.everyone > 0 || ear.has(users));
      for (const ear of ears) ear.forget();
      // The connections over which is published may be back later.
      for (const [i, ear] of ears.entries()) await ear.comesToHear(ids(1 + round, 1), at(i + 1));
    }
  });

  test('while connections are cut publishing neither throws nor waits', async () => {
    const ears = await listen(ids(1, 1));
    const cuts = Promise.all([between.cut(), between.cut()]);
    for (let turn = 0; turn < 200; turn++) {
      for (const end of ends) end.publish(ids(turn * 10, 10));
      await nextTurn();
    }
    await cuts;
    for (const ear of ears) ear.forget();
    for (const [i, ear] of ears.entries()) await ear.comesToHear(ids(1, 1), at(i + 1));
  });
}
