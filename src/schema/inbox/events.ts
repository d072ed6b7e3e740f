import type { MessageId } from '../../messaging/ids.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { encodeGlobalId } from '../global-id.ts';
import { Message } from '../message/message.ts';
import { User } from '../user/user.ts';
import { eventRef, InboxEvent } from './event.ts';

builder.objectType(eventRef('sent'), {
  description: 'A message was sent, to the viewer or by them.',
  interfaces: [InboxEvent],
  fields: (t) => ({
    message: t.field({
      type: Message,
      nullable: true,
      description: 'The message as it is now; null when it has been deleted since.',
      resolve: ({ messageId }, _, { loaders }) => loaders.message(messageId),
    }),
  }),
});

builder.objectType(eventRef('read'), {
  description: 'Messages became read: from the viewer, or by the viewer on any device.',
  interfaces: [InboxEvent],
  fields: (t) => ({
    reader: t.field({
      type: User,
      description: 'Who read them.',
      resolve: ({ readerId }, _, { loaders }) => loaders.user(readerId),
    }),
    messages: t.field({
      type: [Message],
      description: 'The messages as they are now, without those that have been deleted since.',
      resolve: ({ messageIds }, _, context) => remaining(messageIds, context),
    }),
  }),
});

builder.objectType(eventRef('changed'), {
  description: 'Any other change of existing messages: their text, unread again, …',
  interfaces: [InboxEvent],
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: 'The messages as they are now, without those that have been deleted since.',
      resolve: ({ messageIds }, _, context) => remaining(messageIds, context),
    }),
  }),
});

builder.objectType(eventRef('deleted'), {
  description: 'Messages are gone.',
  interfaces: [InboxEvent],
  fields: (t) => ({
    messageIds: t.idList({
      description: 'The ids that they had.',
      resolve: ({ messageIds }) => messageIds.map((id) => encodeGlobalId('Message', id)),
    }),
  }),
});

async function remaining(ids: readonly MessageId[], { loaders }: Context) {
  const found = await Promise.all(ids.map((id) => loaders.message(id)));
  return found.filter((message) => message !== null);
}
