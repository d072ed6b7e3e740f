import type { Inbox } from '../history/event.ts';
import { ask, type Refusal } from './ask.ts';
import type { Person } from './scene.ts';

/** More than there are people; and more than two of them write to each other in one round. */
const CONVERSATIONS = 20;
const MESSAGES = 100;

const EVERYTHING = `{
  inboxCursor unreadCount
  conversations(first: ${CONVERSATIONS}) { edges { node {
    unreadCount peer { username }
    messages(first: ${MESSAGES}) {
      pageInfo { hasNextPage }
      edges { node { ...shown } }
    }
  } } }
}
fragment shown on Message { id messageText isRead sender { username } receiver { username } }`;

/** As the server shows it. */
export interface ShownMessage {
  readonly id: string;
  readonly messageText: string;
  readonly isRead: boolean;
  readonly sender: { readonly username: string };
  readonly receiver: { readonly username: string };
}

export function shownAs({ id, messageText, isRead, sender, receiver }: ShownMessage) {
  return { id, text: messageText, isRead, sender: sender.username, receiver: receiver.username };
}

/** Everything that a user has, in one response. @throws when it does not fit in one: the round is too large. */
export async function look(url: string, { name }: Person): Promise<Inbox | Refusal> {
  const reply = await ask(url, name, EVERYTHING);
  if (!('data' in reply)) return reply;
  const { inboxCursor, unreadCount, conversations } = reply.data;
  const nodes: ConversationShown[] = conversations.edges.map(({ node }: { node: ConversationShown }) => node);
  if (nodes.some(({ messages }) => messages.pageInfo.hasNextPage))
    throw new Error(`a conversation has more than ${MESSAGES} messages`);
  return {
    user: name,
    cursor: inboxCursor,
    unreadCount,
    conversations: nodes.map((each) => ({ peer: each.peer.username, unreadCount: each.unreadCount })),
    messages: nodes.flatMap(({ messages }) => messages.edges.map(({ node }) => shownAs(node))),
  };
}

interface ConversationShown {
  readonly unreadCount: number;
  readonly peer: { readonly username: string };
  readonly messages: {
    readonly pageInfo: { readonly hasNextPage: boolean };
    readonly edges: readonly { readonly node: ShownMessage }[];
  };
}
