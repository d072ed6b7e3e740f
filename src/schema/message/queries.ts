import { builder } from '../builder.ts';
import { Message, messageIdOf } from './message.ts';

builder.queryField('message', (t) =>
  t.field({
    type: Message,
    nullable: true,
    description: 'A message that the viewer sent or received; null for any other.',
    args: { id: t.arg.id({ required: true, description: "The message's id." }) },
    resolve: (_, { id }, { loaders }) => loaders.message(messageIdOf('id', id)),
  }),
);
