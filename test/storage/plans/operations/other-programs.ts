import { PERSON } from '../fill.ts';
import type { Bounds } from '../judge.ts';

/** What another program writes with plain SQL, and what that may cost with all that the triggers do. */
export interface PlainStatement extends Bounds {
  readonly what: string;
  readonly sql: string;
}

const A_FEW = 20;
const { alice, bob, firstPeer } = PERSON;

export const OTHER_PROGRAMS: readonly PlainStatement[] = [
  {
    what: 'sends 100 messages at once',
    sql: `INSERT INTO messages (sender_id, receiver_id, message_text)
      SELECT ${bob}, ${alice}, 'message ' || n FROM generate_series(1, 100) n`,
    // The foreign keys look for each message's people.
    rows: 2 * 100 + A_FEW,
  },
  {
    what: 'edits a message',
    sql: `UPDATE messages SET message_text = 'edited' WHERE id = 100000`,
    rows: A_FEW,
  },
  {
    what: 'deletes the newest message of 60,000',
    sql: `DELETE FROM messages WHERE id = (
      SELECT last_id FROM conversations WHERE user_id = ${alice} AND peer_id = ${bob})`,
    rows: A_FEW,
    indexes: ['idx_messages_conversation'],
  },
  {
    what: 'deletes a user who has 15 messages',
    sql: `DELETE FROM users WHERE id = ${firstPeer}`,
    rows: 150,
    indexes: ['idx_messages_sender', 'idx_messages_receiver'],
  },
];
