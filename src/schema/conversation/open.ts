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

/** The conversation that an id names, if it is one of the viewer's. */
export async function findConversation(named: Conversation, context: Context): Promise<Conversation | null> {
  const peer = await User.getDataloader(context).load(named.peerId);
  return context.messaging.conversationNamed(context.viewer, named, peer);
}
