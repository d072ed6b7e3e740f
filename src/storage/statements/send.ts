import type { Message } from '../../messaging/model.ts';
import { messageColumns, messageRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** $1 sends $3 to $2, with the whole text $4 where $3 is only its beginning (else null). */
export const SEND: Statement<Message> = {
  name: 'send',
  text: `
    INSERT INTO messages AS m (sender_id, receiver_id, message_text, full_text) VALUES ($1, $2, $3, $4)
    RETURNING ${messageColumns('m')}`,
  row: messageRow,
};

export interface SendOnceRow {
  /** The first send's number and input. */
  readonly number: string;
  readonly sameInput: boolean;
  /** What this send has inserted; `null` when an earlier one did. */
  readonly message: Message | null;
}

/**
 * The same under the idempotency key $5, with the hash $6 of the input. The number is taken first; whoever inserts the
 * key row inserts the message, and all others wait on that row and then read whose number it holds. (`DO NOTHING` with
 * a UNION loses answers: its second half does not see what was committed meanwhile.)
 */
export const SEND_ONCE: Statement<SendOnceRow> = {
  name: 'send_once',
  text: `
    WITH next AS MATERIALIZED (
      SELECT nextval('messages_id_seq') AS id
    ), kept AS (
      INSERT INTO idempotency_keys AS k (sender_id, key, input_hash, message_id)
      SELECT $1, $5, $6, id FROM next
      ON CONFLICT (sender_id, key) DO UPDATE SET key = excluded.key
      RETURNING k.message_id, k.input_hash
    ), sent AS (
      INSERT INTO messages AS m (id, sender_id, receiver_id, message_text, full_text)
      SELECT next.id, $1, $2, $3, $4 FROM next JOIN kept ON kept.message_id = next.id
      RETURNING m.id, m.sender_id, m.receiver_id, m.message_text, m.full_text, m.created_at, m.is_read
    )
    SELECT kept.message_id, kept.input_hash = $6, ${messageColumns('sent')}
    FROM kept LEFT JOIN sent ON true`,
  row: ([number, sameInput, ...message]) => ({
    number: number as string,
    sameInput: sameInput as boolean,
    message: message[0] === null ? null : messageRow(message),
  }),
};

/** What $1 sent as number $2. By number alone, since the key does not know the time; only repeated sends ask. */
export const SENT_MESSAGE: Statement<Message> = {
  name: 'sent_message',
  text: `SELECT ${messageColumns('m')} FROM messages m WHERE m.id = $2::bigint AND m.sender_id = $1`,
  row: messageRow,
};
