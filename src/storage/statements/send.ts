import type { UserId } from '../../messaging/ids.ts';
import type { MessageWithPeople } from '../../messaging/model.ts';
import { messageColumns, messageWithPeopleRow, userColumns } from '../rows.ts';
import type { Columns, Statement } from '../statement.ts';

/** One message to send, as the statement takes it. */
export interface SendRequest {
  readonly sender: UserId;
  readonly receiver: UserId;
  readonly messageText: string;
  /** The whole text, where `messageText` is only its beginning. */
  readonly fullText: string | null;
  readonly idempotency: { readonly key: string; readonly inputHash: Buffer } | null;
}

export interface SendRow {
  /** In the request's arrays, from 1 on. */
  readonly position: number;
  readonly senderExists: boolean;
  readonly receiverExists: boolean;
  /** With a key: the number and the input of the first send. */
  readonly first: { readonly number: string; readonly sameInput: boolean } | null;
  /** What this send has inserted; `null` when an earlier one did, or somebody does not exist. */
  readonly message: MessageWithPeople | null;
}

const EVERYBODY_EXISTS = 'sender_name IS NOT NULL AND receiver_name IS NOT NULL';

/**
 * Sends what many users send in the same moment, in one transaction: that costs one wait for the disk, and one pass of the
 * triggers (npm run bench -- --only send). The arrays hold one message at each place: sender, receiver, text, whole text
 * where it does not fit (else null).
 */
export const SEND: Statement<SendRow> = {
  name: 'send',
  text: `
    WITH ${wanted('unnest($1::int[], $2::int[], $3::text[], $4::text[])', 'sender_id, receiver_id, message_text, full_text')},
    ${sent('')}
    SELECT ${answer('NULL, NULL')} FROM wanted w LEFT JOIN sent ON sent.id = w.id`,
  row: sendRow,
};

/**
 * The same for messages some of which have an idempotency key; two further arrays hold it and the hash of the input (null
 * without). No two places may have the same sender and key.
 *
 * Under a key, the number is taken first; whoever inserts the key row inserts the message, and all others wait on that row
 * and then read whose number it holds. (`DO NOTHING` with a UNION loses answers: its second half does not see what was
 * committed meanwhile.)
 */
export const SEND_ONCE: Statement<SendRow> = {
  name: 'send_once',
  text: `
    WITH ${wanted(
      'unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[])',
      'sender_id, receiver_id, message_text, full_text, key, input_hash',
    )}, kept AS (
      INSERT INTO idempotency_keys AS k (sender_id, key, input_hash, message_id)
      SELECT sender_id, key, input_hash, id FROM wanted WHERE key IS NOT NULL AND ${EVERYBODY_EXISTS}
      ORDER BY sender_id, key
      ON CONFLICT (sender_id, key) DO UPDATE SET key = excluded.key
      RETURNING k.sender_id, k.key, k.message_id, k.input_hash
    ),
    ${sent('AND (key IS NULL OR (sender_id, key, id) IN (SELECT sender_id, key, message_id FROM kept))')}
    SELECT ${answer('kept.message_id, kept.input_hash = w.input_hash')}
    FROM wanted w
    LEFT JOIN kept ON kept.sender_id = w.sender_id AND kept.key = w.key
    LEFT JOIN sent ON sent.id = w.id`,
  row: sendRow,
};

/**
 * What is asked for, with the people and the next ids in its order. Each person is a subquery of its own: joined, few users
 * or many messages would make PostgreSQL read the whole table.
 */
function wanted(rows: string, columns: string): string {
  const person = (who: string) => `
      LEFT JOIN LATERAL (SELECT username, created_at FROM users WHERE id = w.${who}_id LIMIT 1) ${who} ON true`;
  return `wanted AS MATERIALIZED (
      SELECT w.*, nextval('messages_id_seq') AS id,
        sender.username AS sender_name, sender.created_at AS sender_created_at,
        receiver.username AS receiver_name, receiver.created_at AS receiver_created_at
      FROM ${rows} WITH ORDINALITY AS w (${columns}, position)${person('sender')}${person('receiver')}
    )`;
}

function sent(condition: string): string {
  return `sent AS (
      INSERT INTO messages AS m (id, sender_id, receiver_id, message_text, full_text)
      SELECT id, sender_id, receiver_id, message_text, full_text FROM wanted WHERE ${EVERYBODY_EXISTS} ${condition}
      RETURNING m.id, m.sender_id, m.receiver_id, m.message_text, m.full_text, m.created_at, m.is_read
    )`;
}

function answer(first: string): string {
  return `w.position::int, w.sender_name IS NOT NULL, w.receiver_name IS NOT NULL, ${first}, ${messageColumns('sent')},
      w.sender_id, w.sender_name, w.sender_created_at, w.receiver_id, w.receiver_name, w.receiver_created_at`;
}

function sendRow(columns: Columns): SendRow {
  return {
    position: columns[0] as number,
    senderExists: columns[1] as boolean,
    receiverExists: columns[2] as boolean,
    first: columns[3] === null ? null : { number: columns[3] as string, sameInput: columns[4] as boolean },
    message: columns[5] === null ? null : messageWithPeopleRow(columns, 5),
  };
}

/** What $1 sent as number $2. By number alone, since the key does not know the time; only repeated sends ask. */
export const SENT_MESSAGE: Statement<MessageWithPeople> = {
  name: 'sent_message',
  text: `
    SELECT ${messageColumns('m')}, ${userColumns('s')}, ${userColumns('r')}
    FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id
    WHERE m.id = $2::bigint AND m.sender_id = $1`,
  row: (columns) => messageWithPeopleRow(columns),
};
