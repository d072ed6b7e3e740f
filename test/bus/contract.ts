import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { UserId } from '../../src/messaging/ids.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { eventually } from '../support/eventually.ts';

export interface BusUnderTest {
  /** Another end of the same bus: in another process, were this no test; `null` where it has only one. */
  readonly open: () => Promise<HintBus>;
  readonly acrossProcesses: boolean;
}

/** Everything that was heard at one end. */
export class Ear {
  readonly users = new Set<UserId>();
  everyone = 0;
  hints = 0;

  constructor(bus: HintBus) {
    bus.subscribe((users) => {
      this.hints++;
      if (users === 'everyone') this.everyone++;
      else for (const user of users) this.users.add(user);
    });
  }

  async hears(users: readonly number[]): Promise<void> {
    await eventually(() => users.every((user) => this.users.has(user as UserId)));
  }
}

export const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => (from + i) as UserId);

/** What every bus does: hints reach all who subscribed, here and elsewhere; and publishing never throws or waits. */
export function busContract({ open, acrossProcesses }: BusUnderTest): void {
  let buses: HintBus[];
  beforeEach(async () => {
    buses = [await open(), ...(acrossProcesses ? [await open(), await open()] : [])];
  });
  afterEach(async () => {
    for (const bus of buses) await bus[Symbol.asyncDispose]();
  });

  test('a hint reaches every subscriber at every end', async () => {
    const ears = buses.flatMap((bus) => [new Ear(bus), new Ear(bus)]);
    buses[0]?.publish(ids(1, 2));
    for (const ear of ears) await ear.hears([1, 2]);
    for (const ear of ears) expect([...ear.users].sort()).toEqual([1, 2]);
  });

  test('at the end where it was published a hint is heard at once', () => {
    const ear = new Ear(buses[0] as HintBus);
    buses[0]?.publish(ids(1, 1));
    expect(ear.users).toEqual(new Set([1]));
  });

  test('hints go in every direction', async () => {
    const ears = buses.map((bus) => new Ear(bus));
    for (const [i, bus] of buses.entries()) bus.publish(ids(100 + i, 1));
    for (const ear of ears) await ear.hears(buses.map((_, i) => 100 + i));
  });

  test('5,000 users with the largest of ids go at once', async () => {
    const ears = buses.map((bus) => new Ear(bus));
    const users = ids(2_147_483_647 - 4_999, 5_000);
    buses[0]?.publish(users);
    for (const ear of ears) await ear.hears(users);
  });

  test('a burst of hints from many sends arrives, each user at least once', async () => {
    const ears = buses.map((bus) => new Ear(bus));
    for (let user = 1; user <= 2_000; user++) buses[user % buses.length]?.publish(ids(user, 1));
    for (const ear of ears) await ear.hears(ids(1, 2_000));
  });

  test('a hint about nobody does no harm to later ones', async () => {
    const ears = buses.map((bus) => new Ear(bus));
    buses[0]?.publish([]);
    buses[0]?.publish(ids(5, 1));
    for (const ear of ears) await ear.hears([5]);
  });
}
