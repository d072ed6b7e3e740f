import type pg from 'pg';
import { MARK_READ, SEND } from '../../../support/messages.ts';
import { LARGE, PERSON, UNREAD } from '../fill.ts';
import { messageGlobalId, userId } from '../landmarks.ts';
import type { Operation } from '../operation.ts';

const A_FEW = 15;
/** Finding an unread message, marking it, and what the index still holds of earlier markings. */
const A_MARKED_ROW = 5;
/** A hundredth of the one-sided conversation, and the first message of the next. */
const MARKED = LARGE.oneSided / 100 + 1;

const KEY = 'on the way';

const sending = (receiver: number, idempotencyKey?: string) => () => ({
  input: { receiverId: userId(receiver), messageText: 'Hello', idempotencyKey },
});

export const WRITES: readonly Operation[] = [
  { what: 'sendMessage', query: SEND, variables: sending(PERSON.bob), rows: A_FEW },
  {
    what: 'sendMessage, the first between two people',
    as: 'erin',
    query: SEND,
    variables: sending(PERSON.dave),
    rows: A_FEW,
  },
  {
    what: 'sendMessage with a key',
    query: SEND,
    variables: sending(PERSON.bob, KEY),
    before: (pool) => pool.query('DELETE FROM idempotency_keys WHERE key = $1', [KEY]),
    rows: A_FEW,
  },
  {
    what: 'sendMessage with the key of an earlier send',
    query: SEND,
    variables: sending(PERSON.bob, KEY),
    rows: A_FEW,
  },
  {
    what: 'markConversationRead, of a few among 60,000',
    query: MARK_READ,
    variables: () => ({ input: { with: userId(PERSON.bob) } }),
    before: (pool) => unread(pool, PERSON.bob, PERSON.alice, UNREAD),
    rows: UNREAD * A_MARKED_ROW + A_FEW,
    indexes: ['idx_messages_unread'],
  },
  {
    what: 'markConversationRead, where all is read',
    query: MARK_READ,
    variables: () => ({ input: { with: userId(PERSON.bob) } }),
    rows: UNREAD * A_MARKED_ROW + A_FEW,
  },
  {
    what: 'markConversationRead upTo the newest',
    query: MARK_READ,
    variables: (at) => ({
      input: { with: userId(PERSON.bob), upTo: messageGlobalId(at.message('long', 100)) },
    }),
    before: (pool) => unread(pool, PERSON.bob, PERSON.alice, UNREAD),
    rows: UNREAD * A_MARKED_ROW + A_FEW,
    indexes: ['idx_messages_unread'],
  },
  {
    what: 'markConversationRead upTo an early one of 30,000 unread',
    as: 'dave',
    query: MARK_READ,
    variables: (at) => ({
      input: { with: userId(PERSON.carol), upTo: messageGlobalId(at.message('oneSided', 1)) },
    }),
    before: (pool) => unread(pool, PERSON.carol, PERSON.dave, LARGE.oneSided),
    rows: MARKED * A_MARKED_ROW + A_FEW,
    indexes: ['idx_messages_unread'],
  },
];

/** Another program makes the newest messages unread again, those that are read. */
async function unread(pool: pg.Pool, sender: number, receiver: number, count: number): Promise<void> {
  await pool.query(
    `UPDATE messages SET is_read = false WHERE is_read AND id IN (
       SELECT id FROM messages WHERE sender_id = $1 AND receiver_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3)`,
    [sender, receiver, count],
  );
}
