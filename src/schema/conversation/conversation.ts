import { parsePeople, positionOf } from '../../messaging/ids.ts';
import type { Conversation as ConversationShape, ConversationState } from '../../messaging/model.ts';
import { builder } from '../builder.ts';
import { connectionTypes, toConnection } from '../connection.ts';
import type { Context } from '../context.ts';
import { Message } from '../message/message.ts';
import { NOBODY, User } from '../user/user.ts';
import { findConversation } from './open.ts';

export const Conversation = builder.objectRef<ConversationShape | ConversationState>('Conversation');

builder.node(Conversation, {
  description: "The viewer's conversation with one other person.",
  id: {
    // With the viewer, for it is another object for each side: clients cache by id.
    resolve: ({ viewerId, peerId }) => `${viewerId}/${peerId}`,
    parse: (key): ConversationShape => parsePeople(key) ?? { viewerId: NOBODY, peerId: NOBODY },
  },
  loadMany: (claimed, context) => claimed.map((conversation) => findConversation(conversation, context)),
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'peerId' in value,
  fields: (t) => ({
    peer: t.field({
      type: User,
      description: 'The other person.',
      resolve: ({ peerId }, _, { loaders }) => loaders.user(peerId),
    }),
    lastMessage: t.field({
      type: Message,
      nullable: true,
      description: 'The newest message; null when there is none.',
      resolve: (conversation, _, context) => fromState(conversation, context, (state) => state.lastMessage),
    }),
    unreadCount: t.int({
      description: 'How many messages from the peer the viewer has not read.',
      resolve: (conversation, _, context) => fromState(conversation, context, (state) => state.unreadCount),
    }),
    messages: t.connection(
      {
        type: Message,
        description: 'The messages in both directions, newest first.',
        resolve: async ({ peerId }, page, { viewer, loaders }) =>
          toConnection(await loaders.messagePage(peerId, page), ['messages', viewer.id, peerId], ({ id }) =>
            positionOf(id),
          ),
      },
      ...connectionTypes('Message', 'messages'),
    ),
  }),
});

/** From its last message and unread count: at once where the list gave them, or loaded with others like it. */
function fromState<Value>(
  conversation: ConversationShape | ConversationState,
  { loaders }: Context,
  read: (state: ConversationState) => Value,
): Value | Promise<Value> {
  if ('unreadCount' in conversation) return read(conversation);
  return loaders.conversationState(conversation.peerId).then(read);
}
