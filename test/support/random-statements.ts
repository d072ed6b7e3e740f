import fc from 'fast-check';

/** The users' ids begin at 1. */
export const USERS = 4;

const user = fc.integer({ min: 1, max: USERS });
/** Few moments, so that equal times are common. */
const moment = fc.integer({ min: 0, max: 3 }).map((n) => `'2026-01-0${n + 1}T00:00:00Z'::timestamptz`);
const text = fc.constantFrom(`'a'`, `'b'`, 'message_text');

const row = fc
  .tuple(user, user, moment, fc.boolean())
  .map(([sender, receiver, at, isRead]) => `(${sender}, ${receiver}, 'new', ${at}, ${isRead})`);

/** Which of the few messages a statement is about. */
const choice = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((n) => `id % 4 = ${n - 1}`),
  user.map((n) => `sender_id = ${n}`),
  user.map((n) => `receiver_id = ${n}`),
  fc.constantFrom('is_read', 'NOT is_read', 'true', 'sender_id = receiver_id'),
);

const otherPerson = (column: string) =>
  fc.oneof(user.map(String), fc.constantFrom('sender_id', 'receiver_id', `${column} % ${USERS} + 1`));

const assignments = fc
  .record(
    {
      sender_id: otherPerson('sender_id'),
      receiver_id: otherPerson('receiver_id'),
      message_text: text,
      full_text: fc.constantFrom('NULL', 'message_text', `'long ' || message_text`),
      created_at: fc.oneof(moment, fc.constant(`created_at + (id % 2) * interval '1 h'`)),
      is_read: fc.constantFrom('true', 'false', 'NOT is_read'),
      id: fc.constant(`nextval('messages_id_seq')`),
    },
    { requiredKeys: [] },
  )
  .filter((columns) => Object.keys(columns).length > 0)
  .map((columns) =>
    Object.entries(columns)
      .map(([column, value]) => `${column} = ${value}`)
      .join(', '),
  );

/** Whatever another program may do to the messages of a few users. */
export const statement = fc.oneof(
  { weight: 3, arbitrary: fc.array(row, { minLength: 1, maxLength: 6 }).map(insert) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(assignments, choice)
      .map(([set, where]) => `UPDATE messages SET ${set} WHERE ${where}`),
  },
  { weight: 2, arbitrary: choice.map((where) => `DELETE FROM messages WHERE ${where}`) },
);

function insert(rows: readonly string[]): string {
  return `INSERT INTO messages (sender_id, receiver_id, message_text, created_at, is_read) VALUES ${rows.join(', ')}`;
}
