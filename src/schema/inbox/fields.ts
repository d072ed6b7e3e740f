import { builder } from '../builder.ts';
import { InboxEvent } from './event.ts';

builder.queryField('inboxCursor', (t) =>
  t.string({
    description:
      'The stream position as of this response: whatever else this operation asks for, reports excepted, is read at the same moment, so that it and the events after this cursor are the state at any later time.',
    resolve: (_, _args, { viewer, messaging }) => messaging.inboxCursor(viewer),
  }),
);

builder.subscriptionField('inbox', (t) =>
  t.field({
    type: InboxEvent,
    description:
      "Everything that happens in the viewer's inbox, in order; with `after`, first what happened since then.",
    args: { after: t.arg.string({ description: 'The last cursor seen: of an event, or `inboxCursor`.' }) },
    subscribe: (_, { after }, { viewer, messaging }) => messaging.followInbox(viewer, after ?? null),
    resolve: (event) => event,
  }),
);
