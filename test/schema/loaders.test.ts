import { describe, expect, test } from '@jest/globals';
import type { UserId } from '../../src/messaging/ids.ts';
import type { Messaging } from '../../src/messaging/messaging.ts';
import type { User } from '../../src/messaging/model.ts';
import { Loaders } from '../../src/schema/loaders.ts';

const [ALICE, BOB, CAROL, NOBODY] = [1, 2, 3, 4] as UserId[] as [UserId, UserId, UserId, UserId];

const userOf = (id: UserId): User => ({
  id,
  username: `user-${id}`,
  createdAt: '2026-01-01T00:00:00.000000Z',
});

/** Alice's, and whom they have asked for; each page of messages brings `people`. */
function loadersOf(people: () => readonly UserId[]) {
  const asked: (readonly UserId[])[] = [];
  const messaging = {
    async users(_viewer: unknown, ids: readonly UserId[]) {
      asked.push(ids);
      return ids.map((id) => (id === NOBODY ? null : userOf(id)));
    },
    async messagesWith() {
      return { items: [], hasNextPage: false, hasPreviousPage: false, people: people().map(userOf) };
    },
  } as unknown as Messaging;
  return { loaders: new Loaders({ viewer: { id: ALICE, admin: false }, messaging }), asked };
}

const names = async (loaders: Loaders, ...ids: readonly UserId[]) =>
  (await Promise.all(ids.map((id) => loaders.foundUser(id)))).map((user) => user?.username ?? null);

describe('users who come with a page of messages are', () => {
  test('not asked for, before it has come or after', async () => {
    const { loaders, asked } = loadersOf(() => [ALICE, BOB]);
    const people = names(loaders, ALICE, BOB);
    await loaders.messagePage(BOB, {});
    expect(await people).toEqual(['user-1', 'user-2']);
    expect(loaders.user(BOB)).toEqual(userOf(BOB));
    expect(asked).toEqual([]);
  });

  test('not asked for with others', async () => {
    const { loaders, asked } = loadersOf(() => [ALICE, BOB]);
    const people = names(loaders, CAROL, BOB);
    await loaders.messagePage(BOB, {});
    expect(await people).toEqual(['user-3', 'user-2']);
    expect(asked).toEqual([[CAROL]]);
  });

  test('asked for when they have not come', async () => {
    const { loaders, asked } = loadersOf(() => [ALICE]);
    const people = names(loaders, ALICE, NOBODY);
    await loaders.messagePage(NOBODY, {});
    expect(await people).toEqual(['user-1', null]);
    expect(asked).toEqual([[NOBODY]]);
  });

  test('asked for when the page cannot be had', async () => {
    const { loaders, asked } = loadersOf(() => {
      throw new Error('no page');
    });
    const people = names(loaders, BOB, ALICE);
    await expect(loaders.messagePage(BOB, {})).rejects.toThrow('no page');
    expect(await people).toEqual(['user-2', 'user-1']);
    expect(asked).toEqual([[BOB, ALICE]]);
  });
});
