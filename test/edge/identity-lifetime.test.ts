import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Identity } from '../../src/edge/identity.ts';
import { type KnownUser, KnownUsers } from '../../src/edge/known-users.ts';
import { ViewerGone } from '../../src/messaging/errors.ts';
import { DirectoryInMemory } from '../support/directory-double.ts';

const HOUR_MS = 3_600_000;

let directory: DirectoryInMemory;
let users: KnownUsers;
let ann: KnownUser;
beforeEach(async () => {
  jest.useFakeTimers();
  directory = new DirectoryInMemory();
  users = new KnownUsers(directory, () => {});
  ann = (await users.find('ann', 'ann')) as KnownUser;
});
afterEach(async () => {
  jest.useRealTimers();
  await users[Symbol.asyncDispose]();
});

const identity = (expiresAt: number | null) =>
  new Identity({ id: ann.id, admin: false }, expiresAt, ann, users, { claims: {}, holds: () => true });

async function deleteAnn(): Promise<void> {
  directory.rows.delete('ann');
  await users.suspect(ann.id);
}

test('it lasts until its token ends, and says that this is why', () => {
  const told = jest.fn();
  const lasting = identity(Date.now() + HOUR_MS);
  lasting.whenOver(told);
  jest.advanceTimersByTime(HOUR_MS - 1);
  expect(lasting.over).toBeNull();
  expect(told).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1_000);
  expect(lasting.over?.message).toBe('The token has expired.');
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ message: 'The token has expired.' }));
});

test.each([
  ['ends', () => Date.now() + HOUR_MS],
  ['has no end', () => null],
])('it lasts until its user is gone, where its token %s', async (_, expiresAt) => {
  const told = jest.fn();
  const lasting = identity(expiresAt());
  lasting.whenOver(told);
  await deleteAnn();
  expect(lasting.over).toBeInstanceOf(ViewerGone);
  expect(told).toHaveBeenCalledWith(expect.any(ViewerGone));
  // And is not over a second time.
  jest.advanceTimersByTime(2 * HOUR_MS);
  expect(told).toHaveBeenCalledTimes(1);
});

test('what is called off is not told, and nothing waits for it any more', async () => {
  const told = jest.fn();
  identity(Date.now() + HOUR_MS).whenOver(told)();
  expect(jest.getTimerCount()).toBe(0);
  await deleteAnn();
  jest.advanceTimersByTime(2 * HOUR_MS);
  expect(told).not.toHaveBeenCalled();
});

test.each([
  ['its token has ended', async () => Date.now() - 1],
  [
    'its user is gone',
    async () => {
      await deleteAnn();
      return Date.now() + HOUR_MS;
    },
  ],
])('where %s already, that is told once and at once, and nothing waits', async (_, prepare) => {
  const told = jest.fn();
  const over = identity(await prepare());
  const timers = jest.getTimerCount();
  over.whenOver(told);
  expect(told).toHaveBeenCalledTimes(1);
  expect(jest.getTimerCount()).toBe(timers);
  await deleteAnn();
  expect(told).toHaveBeenCalledTimes(1);
});
