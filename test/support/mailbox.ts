import type { Pool } from 'pg';
import type { TestClient } from './client.ts';
import type { InboxEvent, MessageShown } from './subscriber.ts';

const SHOWN = '{ id messageText isRead createdAt sender { id username } receiver { id username } }';
const STATE = `{
  inboxCursor unreadCount
  conversations(first: 100) { edges { node { unreadCount messages(first: 100) { edges { node ${SHOWN} } } } } }
}`;

/** What a client holds: everything that it loaded, brought up to date by the events after it. */
export class Mailbox {
  readonly cursors: string[] = [];

  constructor(readonly messages = new Map<string, MessageShown>()) {}

  apply(event: InboxEvent): this {
    this.cursors.push(event.cursor);
    switch (event.__typename) {
      case 'MessageSent':
        if (event.message !== null) this.messages.set(event.message.id, event.message);
        break;
      case 'MessagesRead':
      case 'MessagesChanged':
        for (const message of event.messages) this.messages.set(message.id, message);
        break;
      case 'MessagesDeleted':
        for (const id of event.messageIds) this.messages.delete(id);
        break;
    }
    return this;
  }

  applyAll(events: readonly InboxEvent[]): this {
    for (const event of events) this.apply(event);
    return this;
  }

  get content(): MessageShown[] {
    return [...this.messages.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  unreadBy(userId: string): number {
    return this.content.filter(({ receiver, isRead }) => receiver.id === userId && !isRead).length;
  }
}

export interface State {
  readonly cursor: string;
  readonly mailbox: Mailbox;
  readonly unreadCount: number;
  /** The conversations' counts together. */
  readonly unreadInConversations: number;
}

/** All of a small inbox (100 conversations of 100 messages at most), and its cursor, as one response. */
export async function load(client: TestClient): Promise<State> {
  const { inboxCursor, unreadCount, conversations } = await client.data(STATE);
  const nodes: Conversation[] = conversations.edges.map(({ node }: { node: Conversation }) => node);
  const messages = nodes.flatMap((each) => each.messages.edges.map(({ node }) => node));
  return {
    cursor: inboxCursor,
    mailbox: new Mailbox(new Map(messages.map((message) => [message.id, message]))),
    unreadCount,
    unreadInConversations: nodes.reduce((sum, each) => sum + each.unreadCount, 0),
  };
}

interface Conversation {
  readonly unreadCount: number;
  readonly messages: { readonly edges: readonly { readonly node: MessageShown }[] };
}

/** A user's messages by the table alone: global id, text, and whether each is read. */
export async function tableContent(pool: Pool, userRow: number) {
  const { rows } = await pool.query<{ id: string; messageText: string; isRead: boolean }>(
    `SELECT translate(encode(convert_to(
         'Message:' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '/' || id,
         'UTF8'), 'base64'), E'+/=\\n', '-_') AS id,
       coalesce(full_text, message_text) AS "messageText", is_read AS "isRead"
     FROM messages WHERE $1::int IN (sender_id, receiver_id)`,
    [userRow],
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The same of what a client holds. */
export function briefly(mailbox: Mailbox) {
  return mailbox.content.map(({ id, messageText, isRead }) => ({ id, messageText, isRead }));
}
