import { shapeOf } from './shape.ts';

/** What a database is filled with. */
export interface Content {
  /** Of the database. */
  readonly name: string;
  readonly messages: number;
  readonly users: number;
  /** Inserts messages $1 to $2 of $3, between users 1 to $4. */
  readonly insert: string;
  /** $5 */
  readonly step: number;
  /** Whether peers are measured on it: what they write to is filled, and what PostGraphile needs is there. */
  readonly forPeers: boolean;
}

/** A number from 0 to 1 by chance, the same for the same row and $seed in every run. */
const chance = (seed: number) => `((hashint8extended(i, ${seed}) & 2147483647) / 2147483648.0)`;

/** A text of $6, the corpus of $7 characters. */
const TEXT = `btrim(substr($6, 1 + (($7 - 200) * ${chance(1)})::int, 20 + (180 * ${chance(2)})::int))`;

/** In one year, in the order of the ids. */
const CREATED_AT = `'2025-11-01Z'::timestamptz + (i + ${chance(3)} * 0.99) * (interval '365 days' / $3::int)`;

/**
 * Few users write much: the density falls with the square root of the rank. Each writes to some 40 others, to the first of
 * them more than a quarter. Every $5th message belongs to the long conversation.
 */
const MESSAGES = `
  INSERT INTO messages (id, sender_id, receiver_id, message_text, created_at, is_read)
  SELECT i, 1 + sender, 1 + receiver, ${TEXT}, ${CREATED_AT}, ${chance(4)} >= 0.1
  FROM (
    SELECT i, floor($4::int * ${chance(5)} ^ 2)::int AS writer, 1 + floor(40 * ${chance(6)} ^ 3)::int AS slot
    FROM generate_series($1::bigint, $2::bigint) i
  ) drawn
  CROSS JOIN LATERAL (
    -- Both have the same slot for each other; only the last few users have no partner in their own block of 64.
    SELECT writer # slot AS partner
  ) met
  CROSS JOIN LATERAL (
    SELECT CASE WHEN i % $5::int = 0 THEN $4 - 1 - (i / $5 % 2)::int ELSE writer END AS sender,
      CASE WHEN i % $5 = 0 THEN $4 - 2 + (i / $5 % 2)::int WHEN partner >= $4 THEN partner - 64 ELSE partner END AS receiver
  ) people`;

/** The first user has all of them: of each $5 all but one with the second user, and that one with the others by turns. */
const HISTORY = `
  INSERT INTO messages (id, sender_id, receiver_id, message_text, created_at, is_read)
  SELECT i, CASE WHEN i % 2 = 0 THEN 1 ELSE peer END, CASE WHEN i % 2 = 0 THEN peer ELSE 1 END,
    ${TEXT}, ${CREATED_AT}, ${chance(4)} >= 0.1
  FROM generate_series($1::bigint, $2::bigint) i,
    LATERAL (SELECT CASE WHEN i % $5::int > 0 THEN 2 ELSE 3 + i / $5 % ($4::int - 2) END AS peer) met`;

/** So many messages among people of whom few write much. */
export function messagesOf(messages: number): Content {
  const { users, longConversation } = shapeOf(messages);
  return {
    name: `messages_${messages}`,
    messages,
    users,
    insert: MESSAGES,
    step: Math.floor(messages / longConversation),
    forPeers: true,
  };
}

/** The same for Parley alone: half as large, and nothing but Parley's own depends on its tables. */
export function messagesOfParley(messages: number): Content {
  return { ...messagesOf(messages), name: `parley_${messages}`, forPeers: false };
}

/** Messages with all but the second user: with each of them less than a page, so that the same page is asked for at every size. */
const WITH_OTHERS = 960;
/** A fifth of few messages: enough for 20 others. */
const LEAST_STEP = 5;

/** One user with so many messages, in 21 conversations (with 100) to 25. */
export function historyOf(messages: number): Content {
  return {
    name: `history_${messages}`,
    messages,
    users: 26,
    insert: HISTORY,
    step: Math.max(LEAST_STEP, Math.floor(messages / WITH_OTHERS)),
    forPeers: true,
  };
}
