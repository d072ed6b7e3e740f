import { type Expecting, expecting } from '../../lib/expecting.ts';
import type { UserId } from '../../messaging/ids.ts';
import type { Conversation } from '../../messaging/model.ts';
import type { Context } from '../context.ts';

/**
 * The viewer's conversation with `peer`. Who shows it at once, and asks for its messages, has both people with them: then
 * it takes no statement to see that they exist.
 * @throws NotFound when there is no such user.
 */
export function openConversation(
  peer: UserId,
  { viewer, messaging, loaders }: Context,
): Expecting<Conversation> {
  const people = Promise.all([loaders.foundUser(viewer.id), loaders.foundUser(peer)]);
  const found = people.then(([self, other]) => messaging.conversationBetween(self, other));
  return expecting({ viewerId: viewer.id, peerId: peer }, found);
}

/** The conversation that an id names, if it is one of the viewer's. */
export async function findConversation(
  named: Conversation,
  { viewer, messaging, loaders }: Context,
): Promise<Conversation | null> {
  return messaging.conversationNamed(viewer, named, await loaders.foundUser(named.peerId));
}
