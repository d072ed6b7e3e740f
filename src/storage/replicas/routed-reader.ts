import type { UserId } from '../../messaging/ids.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import type { Replicas } from './replicas.ts';
import type { Route } from './route.ts';

/**
 * Reads each viewer's messages and conversations from where they can be read. Users are looked up in the primary: to ask
 * where costs it as much as the lookup; the same goes for the end of a log, which belongs to the inbox.
 */
export function routedReader(primary: MessageReader, route: Route, replicas: Replicas): MessageReader {
  async function read<Answer>(
    viewer: UserId,
    ask: (reader: MessageReader) => Promise<Answer>,
  ): Promise<Answer> {
    const standby = await route(viewer);
    if (standby !== null)
      try {
        const answer = await ask(standby.reader);
        replicas.reads.replica++;
        return answer;
      } catch (error) {
        // Whatever it is (its host gone, cancelled by its recovery, behind in migrations): the primary knows better.
        standby.distrust(error);
      }
    replicas.reads.primary++;
    return ask(primary);
  }

  return {
    users: (ids) => primary.users(ids),
    userByName: (username) => primary.userByName(username),
    inboxEnd: (viewer) => primary.inboxEnd(viewer),
    messages: (viewer, ids) => read(viewer, (reader) => reader.messages(viewer, ids)),
    messagePage: (viewer, peer, page) => read(viewer, (reader) => reader.messagePage(viewer, peer, page)),
    conversationStates: (viewer, peers) => read(viewer, (reader) => reader.conversationStates(viewer, peers)),
    conversationPage: (viewer, page) => read(viewer, (reader) => reader.conversationPage(viewer, page)),
    unreadCount: (viewer) => read(viewer, (reader) => reader.unreadCount(viewer)),
  };
}
