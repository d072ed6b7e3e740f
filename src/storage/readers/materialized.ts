import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import type { Queryable } from '../migrations/status.ts';
import { FEED, PREPARE } from '../scaling/materializing/feed.ts';
import { readConversationPages } from '../statements/conversation-page.ts';
import { readFeedPages } from '../statements/feed-page.ts';
import { readMessages } from '../statements/messages.ts';
import { statementReader } from './statement-reader.ts';

/**
 * Pages of conversations come from a view in which messages and names are joined already, and what has changed since its
 * last refresh from the table: so messages are never old, names may be. Single messages, lists and users are read as ever.
 */
export function materializedReader(executor: Executor): MessageReader {
  return statementReader(executor, {
    messages: readMessages,
    messagePages: readFeedPages,
    conversationPages: readConversationPages,
  });
}

const SELECT_READY = `
  SELECT relispopulated AS filled, has_table_privilege(oid, 'SELECT') AS readable, current_user AS role
  FROM pg_class WHERE oid = to_regclass('${FEED}') AND relkind = 'm'`;

export async function whyNotMaterialized(database: Queryable): Promise<string | null> {
  const [found] = (await database.query(SELECT_READY)).rows as {
    filled: boolean;
    readable: boolean;
    role: string;
  }[];
  const wanted = 'READ_STRATEGY=materialized reads the view';
  if (found === undefined)
    return `${wanted} ${FEED}, which this database does not have: run ${PREPARE}, or set READ_STRATEGY=normalized.`;
  if (!found.filled) return `${wanted} ${FEED}, which has never been filled: run ${PREPARE}.`;
  if (!found.readable)
    return `${wanted} ${FEED}, which the role ${found.role} may not: grant it SELECT on ${FEED}, ${FEED}_ends and ${FEED}_refresh.`;
  return null;
}
