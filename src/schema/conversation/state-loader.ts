import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { UserId } from '../../messaging/ids.ts';
import type { Conversation, ConversationState } from '../../messaging/model.ts';
import type { Context } from '../context.ts';

const loaders = createContextCache(
  ({ viewer, messaging }: Context) =>
    new DataLoader<UserId, ConversationState>((peers) => messaging.conversationStates(viewer, peers)),
);

/** The conversation with its last message and unread count: as the list gave it, or loaded with others like it. */
export function stateOf(
  conversation: Conversation | ConversationState,
  context: Context,
): ConversationState | Promise<ConversationState> {
  return 'unreadCount' in conversation ? conversation : loaders(context).load(conversation.peerId);
}

/** To be called after a write: an earlier field of the same operation may have loaded the state before it. */
export function forgetState({ peerId }: Conversation, context: Context): void {
  loaders(context).clear(peerId);
}
