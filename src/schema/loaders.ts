import DataLoader from 'dataloader';
import type { MessageId, UserId } from '../messaging/ids.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { ConversationState, Message, MessageWithPeople, User, Viewer } from '../messaging/model.ts';

/** Who asks, and whom. */
interface Asker {
  /** @throws Unauthenticated when the request came without a token. */
  readonly viewer: Viewer;
  readonly messaging: Messaging;
}

/**
 * What one operation asks for by id: each once, and what is asked for together by one statement. What does not exist, or is
 * not for the viewer, is null; where a field must have it, graphql makes that an error.
 */
export class Loaders {
  readonly #asker: Asker;
  readonly #met = new Map<UserId, User>();
  #users: DataLoader<UserId, User | null> | undefined;
  #messages: DataLoader<MessageId, Message | null> | undefined;
  #states: DataLoader<UserId, ConversationState> | undefined;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /**
   * At once when they have been loaded. DataLoader would promise them all the same, and a page of 50 messages between two
   * people asks for them 100 times.
   */
  user(id: UserId): User | Promise<User> {
    return this.#met.get(id) ?? (this.foundUser(id) as Promise<User>);
  }

  foundUser(id: UserId): Promise<User | null> {
    this.#users ??= new DataLoader((ids) => this.#loadUsers(ids));
    return this.#users.load(id);
  }

  message(id: MessageId): Promise<Message | null> {
    this.#messages ??= new DataLoader((ids) => this.#loadMessages(ids));
    return this.#messages.load(id);
  }

  conversationState(peer: UserId): Promise<ConversationState> {
    this.#states ??= new DataLoader(async (peers) => {
      const { messaging, viewer } = this.#asker;
      return messaging.conversationStates(viewer, peers);
    });
    return this.#states.load(peer);
  }

  /** To be called after a write: an earlier field of the same operation may have loaded the state before it. */
  forgetConversationState(peer: UserId): void {
    this.#states?.clear(peer);
  }

  /** Its people need not be loaded. @returns the message */
  meetPeople(message: MessageWithPeople): MessageWithPeople {
    this.#meet(message.sender);
    this.#meet(message.receiver);
    return message;
  }

  async #loadUsers(ids: readonly UserId[]) {
    const { messaging, viewer } = this.#asker;
    const users = await messaging.users(viewer, ids);
    for (const user of users) if (user !== null) this.#meet(user);
    return users;
  }

  async #loadMessages(ids: readonly MessageId[]) {
    const { messaging, viewer } = this.#asker;
    const messages = await messaging.messages(viewer, ids);
    for (const message of messages) if (message !== null) this.meetPeople(message);
    return messages;
  }

  #meet(user: User): void {
    this.#met.set(user.id, user);
  }
}
