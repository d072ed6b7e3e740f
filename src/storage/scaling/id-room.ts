import type { Ask } from './read-only.ts';

export interface IdRoom {
  /** Of the column, as PostgreSQL calls it. */
  readonly type: 'integer' | 'bigint';
  /** The last one that was given out; on a replica up to 32 more, which the primary has written down ahead. */
  readonly last: number;
  /** The last one that can be: by the column's type, or by the sequence where that ends before. */
  readonly limit: number;
  readonly left: number;
}

// The sequence counts, for ids that were rolled back or deleted are not given out again. Without it, the largest id.
const SELECT_ROOM = `
  SELECT format_type(a.atttypid, NULL) AS type,
    coalesce(CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') THEN pg_sequence_last_value(s.seqrelid) END,
      (SELECT max(id) FROM messages), 0)::float8 AS last,
    least(s.seqmax, CASE a.atttypid WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END)::float8 AS "limit"
  FROM pg_attribute a
  LEFT JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence('messages', 'id')::regclass
  WHERE a.attrelid = 'messages'::regclass AND a.attname = 'id'`;

export async function readIdRoom(ask: Ask): Promise<IdRoom> {
  const [room] = await ask<Omit<IdRoom, 'left'>>(SELECT_ROOM);
  if (room === undefined) throw new Error('messages has no column id');
  return { ...room, left: room.limit - room.last };
}
