import type { UserId } from '../../messaging/ids.ts';
import type { Conversation } from '../../messaging/model.ts';
import type { Context } from '../context.ts';

/**
 * The viewer's conversation with `peer`. Loads both people at once, so that the senders and receivers of its messages
 * need no further statement.
 * @throws NotFound when there is no such user.
 */
export async function openConversation(
  peer: UserId,
  { viewer, messaging, loaders }: Context,
): Promise<Conversation> {
  const [self, other] = await Promise.all([loaders.foundUser(viewer.id), loaders.foundUser(peer)]);
  return messaging.conversationBetween(self, other);
}

/** The conversation that an id names, if it is one of the viewer's. */
export async function findConversation(
  named: Conversation,
  { viewer, messaging, loaders }: Context,
): Promise<Conversation | null> {
  return messaging.conversationNamed(viewer, named, await loaders.foundUser(named.peerId));
}
