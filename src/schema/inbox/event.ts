import type { InboxEvent as InboxEventShape } from '../../messaging/inbox/log.ts';
import { builder } from '../builder.ts';

const TYPENAMES = {
  sent: 'MessageSent',
  read: 'MessagesRead',
  changed: 'MessagesChanged',
  deleted: 'MessagesDeleted',
} as const;

export const InboxEvent = builder.interfaceRef<InboxEventShape>('InboxEvent').implement({
  description: "Something that happened in the viewer's inbox.",
  resolveType: ({ kind }) => TYPENAMES[kind],
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Where the stream stands after this event: resume with it.',
    }),
  }),
});

/** The event whose log entry is of this kind. */
export function eventRef<Kind extends keyof typeof TYPENAMES>(kind: Kind) {
  return builder.objectRef<InboxEventShape & { readonly kind: Kind }>(TYPENAMES[kind]);
}
