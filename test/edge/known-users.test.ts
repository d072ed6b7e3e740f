import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { KnownUsers } from '../../src/edge/known-users.ts';
import type { UserId } from '../../src/messaging/ids.ts';
import { DirectoryInMemory } from '../support/directory-double.ts';
import { eventually } from '../support/eventually.ts';

const MINUTE_MS = 60_000;

let directory: DirectoryInMemory;
let users: KnownUsers;
let errors: unknown[];
beforeEach(async () => {
  errors = [];
  directory = new DirectoryInMemory();
  users = new KnownUsers(directory, (error) => errors.push(error));
  await directory.provision('ann');
});
afterEach(async () => {
  await users[Symbol.asyncDispose]();
  jest.restoreAllMocks();
});

async function find(externalId: string) {
  const user = await users.find(externalId, null);
  if (user === null) throw new Error(`no ${externalId}`);
  return user;
}

const realNow = performance.now.bind(performance);

/** Lets the minute pass for which users are believed, or so much since the test began. */
function letTimePass(milliseconds = MINUTE_MS + 1_000): void {
  jest.spyOn(performance, 'now').mockImplementation(() => realNow() + milliseconds);
}

const checked = (count: number) =>
  eventually(() => expect(directory.checks.length).toBeGreaterThanOrEqual(count));

test('who is known costs no more lookups, for a minute', async () => {
  for (let i = 0; i < 10; i++) await find('ann');
  expect(directory.finds).toBe(1);
  letTimePass();
  // lru-cache keeps the time that it has read for a millisecond.
  await eventually(async () => {
    await find('ann');
    expect(directory.finds).toBe(2);
  });
});

/** Three times half a minute passes, something else happens, and ann comes again. */
async function comeAgain(meanwhile: () => Promise<void>): Promise<void> {
  for (let i = 1; i <= 3; i++) {
    letTimePass((i * MINUTE_MS) / 2);
    await meanwhile();
    await find('ann');
  }
}

test('who comes again within a minute is not looked up again, as long as checks succeed', async () => {
  await find('ann');
  await comeAgain(async () => {
    const { length } = directory.checks;
    // The second one has begun after the time has passed, and the third one when that has been answered.
    await checked(length + 3);
  });
  expect(directory.finds).toBe(1);
});

test('nobody is believed for more than a minute while checks fail', async () => {
  await find('ann');
  directory.failure = new Error('away');
  await comeAgain(async () => {});
  expect(directory.finds).toBe(2);
});

test('who is not there is looked up each time, and is nobody', async () => {
  expect(await users.find('ben', null)).toBeNull();
  await directory.provision('ben');
  expect(await users.find('ben', null)).not.toBeNull();
});

test('a check is about all who are known at once', async () => {
  await directory.provision('ben');
  await find('ann');
  await find('ben');
  await checked(2);
  for (const check of directory.checks) expect([...check].sort()).toEqual(['ann', 'ben']);
});

test('who is gone is believed no more, and what waits for that is told', async () => {
  const ann = await find('ann');
  const told = jest.fn();
  users.whenGone(ann, told);
  directory.rows.delete('ann');
  await eventually(() => expect(told).toHaveBeenCalledTimes(1));
  expect(ann.gone).toBe(true);
  expect(await users.find('ann', null)).toBeNull();
});

test('what asks after that is told at once', async () => {
  const ann = await find('ann');
  directory.rows.delete('ann');
  await eventually(() => ann.gone);
  const told = jest.fn();
  users.whenGone(ann, told)();
  expect(told).toHaveBeenCalledTimes(1);
});

test('what is called off is not told, and may be called off again', async () => {
  const ann = await find('ann');
  const [told, other] = [jest.fn(), jest.fn()];
  const callOff = users.whenGone(ann, told);
  callOff();
  users.whenGone(ann, other);
  callOff();
  directory.rows.delete('ann');
  await eventually(() => expect(other).toHaveBeenCalledTimes(1));
  expect(told).not.toHaveBeenCalled();
});

test('who has something open is checked for as long as that is, and nobody else after a minute', async () => {
  await directory.provision('ben');
  await find('ben');
  const callOff = users.whenGone(await find('ann'), () => {});
  letTimePass();
  await checked(1);
  directory.checks.length = 0;
  await checked(1);
  expect(directory.checks).toEqual([['ann']]);
  callOff();
  directory.checks.length = 0;
  await users.suspect(directory.rows.get('ann') as UserId);
  expect(directory.checks).toEqual([]);
});

test('a suspicion is checked at once, and proves nothing by itself', async () => {
  const ann = await find('ann');
  const checking = users.suspect(ann.id);
  expect(directory.checks).toEqual([['ann']]);
  await checking;
  expect(ann.gone).toBe(false);
  expect(await find('ann')).toBe(ann);
});

test('a sub that has become that of another user is looked up again', async () => {
  const first = await find('ann');
  directory.rows.set('ann', 99 as UserId);
  await eventually(() => first.gone);
  expect(await find('ann')).toMatchObject({ id: 99, gone: false });
});

test('more users than one check takes have their turns, each of them once in a round', async () => {
  const names = Array.from({ length: 25_000 }, (_, i) => `user-${i}`);
  for (const [i, name] of names.entries()) directory.rows.set(name, (1_000 + i) as UserId);
  await Promise.all(names.map(find));
  await checked(3);
  const round = directory.checks.slice(0, 3);
  expect(round.map(({ length }) => length)).toEqual([10_000, 10_000, 5_000]);
  expect(new Set(round.flat()).size).toBe(25_000);
});

test('a check that fails is told of, changes nothing, and the next one is made', async () => {
  const ann = await find('ann');
  directory.failure = new Error('away');
  directory.rows.delete('ann');
  await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(2));
  expect(errors[0]).toBe(directory.failure);
  expect(ann.gone).toBe(false);
  directory.failure = null;
  await eventually(() => ann.gone);
});
