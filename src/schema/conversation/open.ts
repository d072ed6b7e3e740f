import type { UserId } from '../../messaging/ids.ts';
import type { Conversation } from '../../messaging/model.ts';
import type { Context } from '../context.ts';
import { User } from '../user/user.ts';

/**
 * The viewer's conversation with `peer`. Loads both people at once, so that the senders and receivers of its messages
 * need no further statement.
 * @throws NotFound when there is no such user.
 */
export async function openConversation(peer: UserId, context: Context): Promise<Conversation> {
  const people = User.getDataloader(context);
  const [self, other] = await Promise.all([people.load(context.viewer.id), people.load(peer)]);
  return context.messaging.conversationBetween(self, other);
}

/** The conversation that an id names; null when it is not the viewer's own or there is no such peer. */
export async function findConversation(
  { viewerId, peerId }: Conversation,
  context: Context,
): Promise<Conversation | null> {
  if (viewerId !== context.viewer.id) return null;
  return (await User.getDataloader(context).load(peerId)) && { viewerId, peerId };
}
