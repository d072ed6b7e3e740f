import type { ConversationState } from '../../messaging/model.ts';
import { conversationStateColumns, conversationStateRow, isMessage } from '../rows.ts';
import type { Statement } from '../statement.ts';

/** $1's conversations with each of $2, in that order; one without messages is there, too. */
export const CONVERSATION_STATES: Statement<ConversationState> = {
  name: 'conversation_states',
  text: `
    SELECT ${conversationStateColumns('c')}
    FROM (
      SELECT $1::int AS user_id, wanted.peer_id, wanted.position,
        kept.last_created_at, kept.last_id, coalesce(kept.unread_count, 0) AS unread_count
      FROM unnest($2::int[]) WITH ORDINALITY AS wanted (peer_id, position)
      LEFT JOIN conversations kept ON kept.user_id = $1 AND kept.peer_id = wanted.peer_id
    ) c
    LEFT JOIN messages m ON ${isMessage('m', 'c.last_id', 'c.last_created_at')}
    ORDER BY c.position`,
  row: conversationStateRow,
};
