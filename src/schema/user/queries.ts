import { builder } from '../builder.ts';
import { User } from './user.ts';

builder.queryFields((t) => ({
  viewer: t.field({
    type: User,
    description: 'The user whose token this request carries.',
    resolve: async (_, _args, { viewer, messaging, loaders }) =>
      messaging.self(await loaders.foundUser(viewer.id)),
  }),
  user: t.field({
    type: User,
    nullable: true,
    description: 'The user of this name, if there is one.',
    args: { username: t.arg.string({ required: true, description: 'The exact name.' }) },
    resolve: (_, { username }, { viewer, messaging }) => messaging.userByName(viewer, username),
  }),
}));
