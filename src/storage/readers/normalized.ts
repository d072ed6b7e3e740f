import type { UserId } from '../../messaging/ids.ts';
import { positionOf } from '../../messaging/ids.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import { readConversationPage } from '../statements/conversation-page.ts';
import { CONVERSATION_STATES } from '../statements/conversation-states.ts';
import { INBOX_END } from '../statements/inbox.ts';
import { readMessagePage } from '../statements/message-page.ts';
import { MESSAGES } from '../statements/messages.ts';
import { UNREAD_COUNT } from '../statements/unread-count.ts';
import { USER_BY_NAME, USERS } from '../statements/users.ts';

/** The read strategy without copies: names come from `users`, each time. */
export function normalizedReader(executor: Executor): MessageReader {
  return {
    async users(ids) {
      const users = await executor.run(USERS, [ids]);
      return inOrder(ids, users);
    },
    async userByName(username) {
      return (await executor.run(USER_BY_NAME, [username]))[0] ?? null;
    },
    async messages(viewer, ids) {
      const positions = ids.map(positionOf);
      const numbers = positions.map(({ number }) => number);
      const times = positions.map(({ createdAt }) => createdAt);
      return inOrder(ids, await executor.run(MESSAGES, [viewer, numbers, times]));
    },
    messagePage: (viewer, peer, page) => readMessagePage(executor, [viewer, peer], page),
    conversationStates: (viewer, peers) => executor.run(CONVERSATION_STATES, [viewer, peers]),
    conversationPage: (viewer, page) => readConversationPage(executor, [viewer], page),
    unreadCount: (viewer) => one(executor, UNREAD_COUNT, viewer),
    inboxEnd: (viewer) => one(executor, INBOX_END, viewer),
  };
}

function inOrder<Id, Row extends { readonly id: Id }>(
  ids: readonly Id[],
  rows: readonly Row[],
): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

async function one<Row>(
  executor: Executor,
  statement: Parameters<typeof executor.run<Row>>[0],
  viewer: UserId,
) {
  const [row] = await executor.run(statement, [viewer]);
  if (row === undefined) throw new Error(`${statement.name} gave no row`);
  return row;
}
