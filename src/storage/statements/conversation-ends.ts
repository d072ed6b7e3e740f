import type { UserId } from '../../messaging/ids.ts';
import type { User } from '../../messaging/model.ts';
import { userColumns, userRow } from '../rows.ts';
import type { Columns, Statement } from '../statement.ts';
import { LIFE } from './replication.ts';

/** Where the logs of two people end who write to each other, at one moment; and who they are. */
export interface ConversationEnds {
  /** Which life of which database the numbers belong to. */
  readonly life: string;
  /** Of the viewer's log, and of the peer's. */
  readonly viewer: string;
  readonly peer: string;
  /** Those of them who exist. */
  readonly people: readonly User[];
}

/** For each of the viewers $1 and the peer at the same place in $2, in their order. By keys alone. */
export const CONVERSATION_ENDS: Statement<ConversationEnds> = {
  name: 'conversation_ends',
  text: `
    SELECT ${LIFE}, ${logEnd('wanted.viewer')}, ${logEnd('wanted.peer')}, ${userColumns('viewer')}, ${userColumns('peer')}
    FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS wanted (viewer, peer, position)
    ${person('viewer')} ${person('peer')}
    ORDER BY wanted.position`,
  row: (columns) => ({
    life: columns[0] as string,
    viewer: columns[1] as string,
    peer: columns[2] as string,
    people: [...personAt(columns, 3), ...personAt(columns, 6)],
  }),
};

export type ConversationKey = readonly [viewer: UserId, peer: UserId];

function logEnd(user: string): string {
  return `coalesce((SELECT seq FROM inbox_heads WHERE user_id = ${user}), 0)`;
}

/** LIMIT: joined, few users would make PostgreSQL read the whole table. */
function person(who: string): string {
  return `LEFT JOIN LATERAL (SELECT id, username, created_at FROM users WHERE id = wanted.${who} LIMIT 1) ${who} ON true`;
}

function personAt(columns: Columns, at: number): readonly User[] {
  return columns[at] === null ? [] : [userRow(columns, at)];
}
