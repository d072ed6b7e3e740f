import { Buffer } from 'node:buffer';
import type { MessageNumber } from '../../src/messaging/ids.ts';
import { messageId, type UserId } from '../../src/messaging/ids.ts';
import { encodeCursor } from '../../src/messaging/page.ts';
import { encodeGlobalId } from '../../src/schema/global-id.ts';

/** `created_at` as RFC 3339 with microseconds, and `id`. */
export interface MessagePlace {
  readonly createdAt: string;
  readonly id: number;
}

/** How a server's API names what is in the tables. */
export interface Naming {
  user(id: number): string | number;
  message(place: MessagePlace): string | number;
  /** Where a page of the viewer's messages with the peer goes on. */
  cursor(viewer: number, peer: number, after: MessagePlace): string;
}

export const PARLEYS_NAMING: Naming = {
  user: (id) => encodeGlobalId('User', id),
  message: ({ createdAt, id }) =>
    encodeGlobalId('Message', messageId({ createdAt, number: String(id) as MessageNumber })),
  cursor: (viewer, peer, { createdAt, id }) =>
    encodeCursor(['messages', viewer as UserId, peer as UserId], {
      createdAt,
      number: String(id) as MessageNumber,
    }),
};

/** By the rows' own keys. */
export const BY_KEY: Naming = {
  user: (id) => id,
  message: ({ id }) => id,
  cursor: (_viewer, _peer, { createdAt, id }) => `${createdAt}/${id}`,
};

/** The same, as GraphQL's type ID has it. */
export const BY_KEY_AS_TEXT: Naming = {
  ...BY_KEY,
  user: String,
  message: ({ id }) => String(id),
};

/** The key of the row that an API's id names, whichever server has given it. */
export function rowOf(id: string | number): number {
  if (/^\d+$/.test(String(id))) return Number(id);
  return Number(Buffer.from(String(id), 'base64url').toString().split(/[:/]/).at(-1));
}
