import type { UserId } from '../../messaging/ids.ts';
import type { ConversationState, WithPeople } from '../../messaging/model.ts';
import { messageColumns, messageRow, theMessage, userColumns, userRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** For each place in $1 and $2 that viewer's conversation with that peer; one without messages is there, too. */
export const CONVERSATION_STATES: Statement<ConversationState & WithPeople> = {
  name: 'conversation_states',
  text: `
    SELECT c.peer_id, c.user_id, c.unread_count, ${messageColumns('m')}, ${userColumns('viewer')}, ${userColumns('peer')}
    FROM (
      SELECT wanted.user_id, wanted.peer_id, wanted.position,
        kept.last_created_at, kept.last_id, coalesce(kept.unread_count, 0) AS unread_count
      FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS wanted (user_id, peer_id, position)
      LEFT JOIN conversations kept ON kept.user_id = wanted.user_id AND kept.peer_id = wanted.peer_id
    ) c
    LEFT JOIN ${theMessage('m', 'c.last_id', 'c.last_created_at')}
    LEFT JOIN users viewer ON viewer.id = c.user_id
    LEFT JOIN users peer ON peer.id = c.peer_id
    ORDER BY c.position`,
  row(columns) {
    const people = [userRow(columns, 9), userRow(columns, 12)];
    return {
      peerId: columns[0] as UserId,
      viewerId: columns[1] as UserId,
      unreadCount: columns[2] as number,
      lastMessage: columns[3] === null ? null : messageRow(columns, 3),
      people: people.filter(({ id }) => id !== null),
    };
  },
};
