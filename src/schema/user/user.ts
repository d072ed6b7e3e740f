import { parseUserId, type UserId } from '../../messaging/ids.ts';
import type { User as UserShape } from '../../messaging/model.ts';
import { builder } from '../builder.ts';
import { keyOf } from '../global-id.ts';

/** No row has it: ids start at 1. */
export const NOBODY = 0 as UserId;

/** Resolves from an id as well as from a row: the ids of one request are loaded by one statement. */
export const User = builder.loadableNodeRef('User', {
  id: { resolve: ({ id }: UserShape) => String(id), parse: (key) => parseUserId(key) ?? NOBODY },
  // DataLoader takes null for what does not exist; Pothos' types know only of errors.
  load: (ids: UserId[], { viewer, messaging }) => messaging.users(viewer, ids) as Promise<UserShape[]>,
});

User.implement({
  description: 'Someone who sends and receives messages.',
  fields: (t) => ({
    username: t.exposeString('username', { description: 'What this user is called; unique.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when this user exists.' }),
  }),
});

/** The user that an argument names. */
export function userIdOf(argument: string, globalId: string): UserId {
  return keyOf('User', parseUserId, argument, globalId);
}
