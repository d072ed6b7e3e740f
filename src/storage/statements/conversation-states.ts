import type { ConversationState, WithPeople } from '../../messaging/model.ts';
import { conversationJoins, conversationStateColumns, conversationStateRow } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** For each place in $1 and $2 that viewer's conversation with that peer; one without messages is there, too. */
export const CONVERSATION_STATES: Statement<ConversationState & WithPeople> = {
  name: 'conversation_states',
  text: `
    SELECT ${conversationStateColumns('c')}
    FROM (
      SELECT wanted.user_id, wanted.peer_id, wanted.position,
        kept.last_created_at, kept.last_id, coalesce(kept.unread_count, 0) AS unread_count
      FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS wanted (user_id, peer_id, position)
      LEFT JOIN conversations kept ON kept.user_id = wanted.user_id AND kept.peer_id = wanted.peer_id
    ) c
    ${conversationJoins('c')}
    ORDER BY c.position`,
  row: (columns) => conversationStateRow(columns),
};
