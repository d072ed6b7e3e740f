import { parseUserId, type UserId } from '../../messaging/ids.ts';
import type { User as UserShape } from '../../messaging/model.ts';
import { builder } from '../builder.ts';
import { keyOf } from '../global-id.ts';

/** No row has it: ids start at 1. */
export const NOBODY = 0 as UserId;

export const User = builder.objectRef<UserShape>('User');

builder.node(User, {
  description: 'Someone who sends and receives messages.',
  id: { resolve: ({ id }) => String(id), parse: (key) => parseUserId(key) ?? NOBODY },
  loadMany: (ids, { loaders }) => Promise.all(ids.map((id) => loaders.foundUser(id))),
  fields: (t) => ({
    username: t.exposeString('username', { description: 'What this user is called; unique.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'Since when this user exists.',
      resolve: (user, _, { loaders }) => user.createdAt ?? loaders.userSince(user.id),
    }),
  }),
});

/** The user that an argument names. */
export function userIdOf(argument: string, globalId: string): UserId {
  return keyOf('User', parseUserId, argument, globalId);
}
