import type { Statement } from '../statement.ts';

/** $1's unread messages, over all conversations. */
export const UNREAD_COUNT: Statement<number> = {
  name: 'unread_count',
  text: 'SELECT coalesce(sum(unread_count), 0)::int FROM conversations WHERE user_id = $1',
  row: ([count]) => count as number,
};
