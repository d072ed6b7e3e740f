import DataLoader from 'dataloader';
import type { Timestamp } from '../lib/rfc3339.ts';
import type { MessageId, UserId } from '../messaging/ids.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type {
  ConversationState,
  Message,
  MessageWithPeople,
  User,
  Viewer,
  WithPeople,
} from '../messaging/model.ts';
import type { PageArguments } from '../messaging/page.ts';

/** Who asks, and whom. */
interface Asker {
  /** @throws Unauthenticated when the request came without a token. */
  readonly viewer: Viewer;
  readonly messaging: Messaging;
}

/**
 * What one operation asks for by id: each once, and what is asked for together by one statement. What does not exist, or is
 * not for the viewer, is null; where a field must have it, graphql makes that an error. Messages and conversations bring
 * their people: pages of them are read here, too, so that nobody is asked for who has come, or is about to.
 */
export class Loaders {
  readonly #asker: Asker;
  readonly #met = new Map<UserId, User>();
  /** Users who come with what has been asked for. */
  readonly #coming = new Map<UserId, Promise<unknown>>();
  #users: DataLoader<UserId, User | null> | undefined;
  #since: DataLoader<UserId, Timestamp> | undefined;
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

  /** `createdAt` of a user of whom only the name has come. Rejects when they are gone since. */
  userSince(id: UserId): Promise<Timestamp> {
    this.#since ??= new DataLoader(async (ids) => {
      const { messaging, viewer } = this.#asker;
      const users = await messaging.users(viewer, ids);
      return users.map((user) => user?.createdAt ?? new Error('a user was deleted while they were read'));
    });
    return this.#since.load(id);
  }

  message(id: MessageId): Promise<Message | null> {
    this.#messages ??= new DataLoader((ids) => this.#loadMessages(ids));
    return this.#messages.load(id);
  }

  conversationState(peer: UserId): Promise<ConversationState> {
    this.#states ??= new DataLoader(async (peers) => {
      const { messaging, viewer } = this.#asker;
      const states = await messaging.conversationStates(viewer, peers);
      for (const state of states) this.#meetAll(state);
      return states;
    });
    return this.#awaiting(this.#states.load(peer), peer);
  }

  messagePage(peer: UserId, page: PageArguments) {
    return this.#awaiting(this.#loadMessagePage(peer, page), peer);
  }

  async conversationPage(page: PageArguments) {
    const { messaging, viewer } = this.#asker;
    const found = await messaging.conversations(viewer, page);
    this.#meetAll(found);
    for (const conversation of found.items) this.#meetAll(conversation);
    return found;
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
    await Promise.all([
      this.#askFor(ids.filter((id) => !this.#coming.has(id))),
      Promise.allSettled(ids.map((id) => this.#coming.get(id))),
    ]);
    // Who was expected and did not come.
    await this.#askFor(ids.filter((id) => this.#coming.has(id) && !this.#met.has(id)));
    return ids.map((id) => this.#met.get(id) ?? null);
  }

  async #askFor(ids: readonly UserId[]): Promise<void> {
    if (ids.length === 0) return;
    const { messaging, viewer } = this.#asker;
    for (const user of await messaging.users(viewer, ids)) if (user !== null) this.#meet(user);
  }

  async #loadMessagePage(peer: UserId, page: PageArguments) {
    const { messaging, viewer } = this.#asker;
    const found = await messaging.messagesWith(viewer, peer, page);
    this.#meetAll(found);
    return found;
  }

  /** @returns `answer`, which brings the viewer and this peer */
  #awaiting<Answer>(answer: Promise<Answer>, peer: UserId): Promise<Answer> {
    for (const id of [this.#asker.viewer.id, peer]) this.#coming.set(id, answer);
    return answer;
  }

  async #loadMessages(ids: readonly MessageId[]) {
    const { messaging, viewer } = this.#asker;
    const messages = await messaging.messages(viewer, ids);
    for (const message of messages) if (message !== null) this.meetPeople(message);
    return messages;
  }

  #meetAll({ people }: WithPeople): void {
    for (const person of people) this.#meet(person);
  }

  #meet(user: User): void {
    this.#met.set(user.id, user);
  }
}
