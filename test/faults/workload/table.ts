import type { Shown } from '../history/event.ts';
import type { Person } from './scene.ts';

/** What runs a query: a pool or a client. */
interface Queryable {
  query<Row>(text: string, values: readonly unknown[]): Promise<{ rows: Row[] }>;
}

export interface Row extends Shown {
  /** `messages.id` */
  readonly number: number;
}

/** All messages of these people, by the tables alone; ids as the API gives them. */
export async function messagesOf(database: Queryable, people: readonly Person[]): Promise<Row[]> {
  const { rows } = await database.query<Row>(
    `SELECT m.id AS number, translate(encode(convert_to(
         'Message:' || to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '/' || m.id,
         'UTF8'), 'base64'), E'+/=\\n', '-_') AS id,
       coalesce(full_text, message_text) AS text, is_read AS "isRead", s.username AS sender, r.username AS receiver
     FROM messages m JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.receiver_id
     WHERE m.sender_id = ANY ($1::int[]) ORDER BY m.id`,
    [people.map(({ row }) => row)],
  );
  return rows;
}

/** As a history has it. */
export function withoutNumber({ number: _, ...shown }: Row): Shown {
  return shown;
}
