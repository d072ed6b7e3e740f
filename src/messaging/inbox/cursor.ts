import { decodeOpaque, encodeOpaque } from '../../lib/opaque.ts';
import { BadUserInput } from '../errors.ts';
import type { UserId } from '../ids.ts';
import type { InboxPosition } from './log.ts';

const KIND = 'inbox';
const SEQUENCE = /^\d{1,18}$/;

export function encodeInboxCursor(userId: UserId, { epoch, seq }: InboxPosition): string {
  return encodeOpaque(KIND, userId, epoch, String(seq));
}

/** @throws BadUserInput when this is not a cursor of this user's inbox. */
export function decodeInboxCursor(userId: UserId, cursor: string): InboxPosition {
  const [kind, owner, epoch, seq, ...rest] = decodeOpaque(cursor) ?? [];
  if (kind !== KIND || owner !== String(userId) || !epoch || !SEQUENCE.test(seq ?? '') || rest.length > 0)
    throw new BadUserInput(
      'after',
      'after takes a cursor of your own inbox: from inboxCursor, or from an event.',
    );
  return { epoch, seq: BigInt(seq ?? '') };
}
