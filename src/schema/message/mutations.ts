import type { Message as MessageShape } from '../../messaging/model.ts';
import { builder } from '../builder.ts';
import { userIdOf } from '../user/user.ts';
import { Message } from './message.ts';

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'A message to send.',
  fields: (t) => ({
    receiverId: t.id({ required: true, description: 'The id of the user whom it is for.' }),
    messageText: t.string({
      required: true,
      description: '1 to 10,000 characters, not only blanks; kept exactly.',
    }),
    idempotencyKey: t.string({
      description:
        'Any text of the client, new for each message: sending again with the same one sends once.',
    }),
  }),
});

const SendMessagePayload = builder.objectRef<{ message: MessageShape }>('SendMessagePayload').implement({
  description: 'What sending gave.',
  fields: (t) => ({
    message: t.expose('message', { type: Message, description: 'The message as it was stored.' }),
  }),
});

builder.mutationField('sendMessage', (t) =>
  t.field({
    type: SendMessagePayload,
    description: 'Sends a message. When this has been answered, the message is stored durably.',
    args: {
      input: t.arg({ type: SendMessageInput, required: true, description: 'What to send, and to whom.' }),
    },
    resolve: async (_, { input }, { viewer, messaging, loaders }) => {
      const receiverId = userIdOf('receiverId', input.receiverId);
      return { message: loaders.meetPeople(await messaging.send(viewer, { ...input, receiverId })) };
    },
  }),
);
