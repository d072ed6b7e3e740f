import { NotFound, type Unavailable, ViewerGone } from './errors.ts';
import type { MessageId, UserId } from './ids.ts';
import { encodeInboxCursor } from './inbox/cursor.ts';
import type { Inbox } from './inbox/inbox.ts';
import { type MarkConversationReadInput, markConversationRead } from './mark-conversation-read.ts';
import type { Conversation, User, Viewer } from './model.ts';
import { type PageArguments, pageRequest } from './page.ts';
import type { HintBus, MessageReader, MessageWriter, Reports } from './ports.ts';
import { type ReportRequest, reportMessages } from './report-messages.ts';
import { type SendMessageInput, sendMessage } from './send-message.ts';
import { checkUsername } from './text.ts';
import { unavailableReader } from './unavailable-reader.ts';

export interface Ports {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  readonly reports: Reports;
  readonly inbox: Inbox;
  readonly bus: HintBus;
}

/** Everything that the product does, as someone. The schema calls nothing else. */
export class Messaging {
  constructor(
    readonly ports: Ports,
    readonly reader: MessageReader = ports.reader,
  ) {}

  /** The same, reading from `reader`: for an operation that must see one moment. */
  readingFrom(reader: MessageReader): Messaging {
    return new Messaging(this.ports, reader);
  }

  /** The same, reading nothing: what has just waited for the database in vain must not wait again. */
  unavailable(failure: Unavailable): Messaging {
    const reports = { messages: () => Promise.reject(failure) };
    return new Messaging({ ...this.ports, reports }, unavailableReader(failure));
  }

  users(_viewer: Viewer, ids: readonly UserId[]) {
    return this.reader.users(ids);
  }

  userByName(_viewer: Viewer, username: string) {
    checkUsername(username);
    return this.reader.userByName(username);
  }

  messages(viewer: Viewer, ids: readonly MessageId[]) {
    return this.reader.messages(viewer.id, ids);
  }

  messagesWith(viewer: Viewer, peer: UserId, page: PageArguments) {
    return this.reader.messagePage(viewer.id, peer, pageRequest(['messages', viewer.id, peer], page));
  }

  /** @throws ViewerGone when the viewer has been deleted since the token was accepted. */
  self(found: User | null): User {
    if (found === null) throw new ViewerGone();
    return found;
  }

  /** @throws NotFound when there is no such peer. */
  conversationBetween(self: User | null, peer: User | null): Conversation {
    if (peer === null) throw new NotFound('There is no user with this id.');
    return { viewerId: this.self(self).id, peerId: peer.id };
  }

  /** The conversation that an id names; `null` when it is another viewer's, or there is no such peer. */
  conversationNamed(viewer: Viewer, named: Conversation, peer: User | null): Conversation | null {
    return named.viewerId === viewer.id && peer !== null ? named : null;
  }

  conversationStates(viewer: Viewer, peers: readonly UserId[]) {
    return this.reader.conversationStates(viewer.id, peers);
  }

  conversations(viewer: Viewer, page: PageArguments) {
    return this.reader.conversationPage(viewer.id, pageRequest(['conversations', viewer.id], page));
  }

  unreadCount(viewer: Viewer) {
    return this.reader.unreadCount(viewer.id);
  }

  async inboxCursor(viewer: Viewer) {
    return encodeInboxCursor(viewer.id, await this.reader.inboxEnd(viewer.id));
  }

  followInbox(viewer: Viewer, after: string | null) {
    return this.ports.inbox.follow(viewer, after);
  }

  send(viewer: Viewer, input: SendMessageInput) {
    return sendMessage(this.ports, viewer, input);
  }

  markRead(viewer: Viewer, input: MarkConversationReadInput) {
    return markConversationRead(this.ports, viewer, input);
  }

  report(viewer: Viewer, request: ReportRequest) {
    return reportMessages(this.ports.reports, viewer, request);
  }
}
