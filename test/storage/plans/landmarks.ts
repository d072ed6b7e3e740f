import type pg from 'pg';
import type { Timestamp } from '../../../src/lib/rfc3339.ts';
import {
  type MessageId,
  type MessageNumber,
  messageId,
  type Position,
  type UserId,
} from '../../../src/messaging/ids.ts';
import { encodeInboxCursor } from '../../../src/messaging/inbox/cursor.ts';
import { encodeCursor } from '../../../src/messaging/page.ts';
import { encodeGlobalId } from '../../../src/schema/global-id.ts';
import { PERSON } from './fill.ts';

/** Where things are in a filled database. */
export interface Landmarks {
  /** The message that has `percent` of its conversation behind it; 0 is the oldest, 100 the newest. */
  readonly message: (conversation: Conversation, percent: number) => MessageId;
  /** The cursor of that message, in alice's long conversation. */
  readonly cursor: (percent: number) => string;
  /** The place of that message among alice's conversations. */
  readonly conversationCursor: (percent: number) => string;
  /** In alice's inbox, before its last `events`. */
  readonly inboxCursor: (events: number) => string;
}

type Conversation = 'long' | 'oneSided';

const PERCENTS = `
  SELECT id::text AS number, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt"
  FROM generate_series(0, 100) percent
  JOIN (
    SELECT id, created_at, row_number() OVER (ORDER BY created_at, id) - 1 AS place, count(*) OVER () - 1 AS last
    FROM messages WHERE (sender_id, receiver_id) IN (($1, $2), ($2, $1))
  ) m ON place = last * percent / 100
  ORDER BY percent`;

const END = 'SELECT current_inbox_epoch() AS epoch, seq FROM inbox_heads WHERE user_id = $1';

export async function findLandmarks(pool: pg.Pool): Promise<Landmarks> {
  const percents = async (...people: readonly number[]): Promise<readonly Position[]> =>
    (await pool.query<{ number: MessageNumber; createdAt: Timestamp }>(PERCENTS, [...people])).rows;
  const positions = {
    long: await percents(PERSON.alice, PERSON.bob),
    oneSided: await percents(PERSON.carol, PERSON.dave),
  };
  const alice = PERSON.alice as UserId;
  const inLong = (percent: number) => positions.long[percent] as Position;
  const { rows: ends } = await pool.query<{ epoch: string; seq: string }>(END, [alice]);
  const { epoch, seq } = ends[0] ?? { epoch: '', seq: '' };
  return {
    message: (conversation, percent) => messageId(positions[conversation][percent] as Position),
    cursor: (percent) => encodeCursor(['messages', alice, PERSON.bob as UserId], inLong(percent)),
    conversationCursor: (percent) => encodeCursor(['conversations', alice], inLong(percent)),
    inboxCursor: (events) => encodeInboxCursor(alice, { epoch, seq: BigInt(seq) - BigInt(events) }),
  };
}

// What clients are told of them.

export const userId = (number: number) => encodeGlobalId('User', number);

export const messageGlobalId = (id: MessageId) => encodeGlobalId('Message', id);

export const conversationId = (viewer: number, peer: number) =>
  encodeGlobalId('Conversation', `${viewer}/${peer}`);
