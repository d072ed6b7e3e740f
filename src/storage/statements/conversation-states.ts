import type { ConversationState } from '../../messaging/model.ts';
import { conversationStateColumns, conversationStateRow, isMessage } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** For each place in $1 and $2 that viewer's conversation with that peer; one without messages is there, too. */
export const CONVERSATION_STATES: Statement<ConversationState> = {
  name: 'conversation_states',
  text: `
    SELECT ${conversationStateColumns('c')}
    FROM (
      SELECT wanted.user_id, wanted.peer_id, wanted.position,
        kept.last_created_at, kept.last_id, coalesce(kept.unread_count, 0) AS unread_count
      FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS wanted (user_id, peer_id, position)
      LEFT JOIN conversations kept ON kept.user_id = wanted.user_id AND kept.peer_id = wanted.peer_id
    ) c
    LEFT JOIN messages m ON ${isMessage('m', 'c.last_id', 'c.last_created_at')}
    ORDER BY c.position`,
  row: (columns) => conversationStateRow(columns),
};
