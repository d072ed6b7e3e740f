import { builder } from '../builder.ts';
import { connectionTypes, toConnection } from '../connection.ts';
import { userIdOf } from '../user/user.ts';
import { Conversation } from './conversation.ts';
import { openConversation } from './open.ts';

builder.queryFields((t) => ({
  conversation: t.field({
    type: Conversation,
    description:
      "The viewer's conversation with one other user; an empty one when they have not written yet.",
    args: { with: t.arg.id({ required: true, description: "The other user's id." }) },
    resolve: (_, args, context) => openConversation(userIdOf('with', args.with), context),
  }),
  conversations: t.connection(
    {
      type: Conversation,
      description: 'Everyone whom the viewer has exchanged messages with, latest message first.',
      resolve: async (_, page, { viewer, loaders }) =>
        toConnection(await loaders.conversationPage(page), ['conversations', viewer.id], ({ last }) => last),
    },
    ...connectionTypes('Conversation', 'conversations'),
  ),
  unreadCount: t.int({
    description: 'How many messages the viewer has not read, over all conversations.',
    resolve: (_, _args, { viewer, messaging }) => messaging.unreadCount(viewer),
  }),
}));
