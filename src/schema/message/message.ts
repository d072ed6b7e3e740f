import { type MessageId, parseMessageId } from '../../messaging/ids.ts';
import type { Message as MessageShape } from '../../messaging/model.ts';
import type { AnswerSize } from '../answer-size.ts';
import { builder } from '../builder.ts';
import { keyOf } from '../global-id.ts';
import { User } from '../user/user.ts';

/** No row has it: numbers start at 1. */
const NOTHING = '1970-01-01T00:00:00.000000Z/0' as MessageId;

export const Message = builder.objectRef<MessageShape>('Message');

builder.node(Message, {
  description: 'A text from one user to another.',
  id: { resolve: ({ id }) => id, parse: (key) => parseMessageId(key) ?? NOTHING },
  // What is not the viewer's is null, as what does not exist.
  loadMany: (ids, { loaders }) => Promise.all(ids.map((id) => loaders.message(id))),
  fields: (t) => ({
    sender: t.field({
      type: User,
      description: 'Who wrote it.',
      resolve: ({ senderId }, _, { loaders }) => loaders.user(senderId),
    }),
    receiver: t.field({
      type: User,
      description: 'Whom it was written to.',
      resolve: ({ receiverId }, _, { loaders }) => loaders.user(receiverId),
    }),
    messageText: t.string({
      description: 'Exactly what was sent.',
      resolve: ({ messageText }, _, context) => context.show(messageText),
      // Up to 10,000 characters, where other values have some ten.
      extensions: { values: 10 } satisfies AnswerSize,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was sent.' }),
    isRead: t.exposeBoolean('isRead', { description: 'Whether the receiver has read it.' }),
  }),
});

/** The message that an argument names. */
export function messageIdOf(argument: string, globalId: string): MessageId {
  return keyOf('Message', parseMessageId, argument, globalId);
}
