import type { Message } from '../../messaging/model.ts';
import { isMessage, messageColumns, messageRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** Those that $1 sent or received, of the messages with numbers $2 and times $3, in any order. */
export const MESSAGES: Statement<Message> = {
  name: 'messages',
  text: `
    SELECT ${messageColumns('m')}
    FROM unnest($2::bigint[], $3::timestamptz[]) AS wanted (id, created_at)
    JOIN messages m ON ${isMessage('m', 'wanted.id', 'wanted.created_at')}
    WHERE $1::int IN (m.sender_id, m.receiver_id)`,
  row: messageRow,
};
