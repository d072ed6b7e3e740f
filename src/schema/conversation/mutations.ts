import type { Conversation as ConversationShape } from '../../messaging/model.ts';
import { builder } from '../builder.ts';
import { messageIdOf } from '../message/message.ts';
import { userIdOf } from '../user/user.ts';
import { Conversation } from './conversation.ts';
import { openConversation } from './open.ts';

const MarkConversationReadInput = builder.inputType('MarkConversationReadInput', {
  description: 'Marks every unread message from `with`, up to and including `upTo` (all of them without it).',
  fields: (t) => ({
    with: t.id({ required: true, description: "The other user's id." }),
    upTo: t.id({ description: 'The id of the last message to mark; one of this conversation.' }),
  }),
});

const MarkConversationReadPayload = builder
  .objectRef<{ conversation: ConversationShape; markedCount: number }>('MarkConversationReadPayload')
  .implement({
    description: 'What marking gave.',
    fields: (t) => ({
      conversation: t.expose('conversation', {
        type: Conversation,
        description: 'The conversation afterwards.',
      }),
      markedCount: t.exposeInt('markedCount', { description: 'How many messages became read by this.' }),
    }),
  });

builder.mutationField('markConversationRead', (t) =>
  t.field({
    type: MarkConversationReadPayload,
    description: 'Marks messages that the viewer has received from one user as read.',
    args: {
      input: t.arg({ type: MarkConversationReadInput, required: true, description: 'Which messages.' }),
    },
    resolve: async (_, { input }, context) => {
      const peer = userIdOf('with', input.with);
      const upTo = input.upTo == null ? null : messageIdOf('upTo', input.upTo);
      const conversation = await openConversation(peer, context);
      const markedCount = await context.messaging.markRead(context.viewer, { with: peer, upTo });
      context.loaders.forgetConversationState(peer);
      return { conversation, markedCount };
    },
  }),
);
