import type { MessageId, UserId } from './ids.ts';
import type { Message } from './model.ts';
import type { PageRequest } from './page.ts';
import type { MessageReader } from './ports.ts';
import { TextBudget } from './text-budget.ts';

/** Statements of one operation that run at a time: the pool is for all. */
const MAX_AT_A_TIME = 4;

/**
 * A reader for one operation. A hundred pages in one query would take the whole pool, and load a hundred megabytes before
 * anything of them is shown: so few of them are read at a time, and no more once their texts are too many.
 * @param maxCharacters of the texts of all messages that it reads
 */
export function boundedReader(reader: MessageReader, maxCharacters: number): MessageReader {
  return new BoundedReader(reader, maxCharacters);
}

/** A class, because every operation makes one. */
class BoundedReader implements MessageReader {
  readonly #reader: MessageReader;
  readonly #budget: TextBudget;
  #waiting: (() => void)[] | undefined;
  #running = 0;

  constructor(reader: MessageReader, maxCharacters: number) {
    this.#reader = reader;
    this.#budget = new TextBudget(maxCharacters);
  }

  messages(viewer: UserId, ids: readonly MessageId[]) {
    return this.#bounded(
      () => this.#reader.messages(viewer, ids),
      (messages) => messages,
    );
  }

  messagePage(viewer: UserId, peer: UserId, page: PageRequest) {
    return this.#bounded(
      () => this.#reader.messagePage(viewer, peer, page),
      ({ items }) => items,
    );
  }

  conversationStates(viewer: UserId, peers: readonly UserId[]) {
    return this.#bounded(
      () => this.#reader.conversationStates(viewer, peers),
      (states) => states.map(({ lastMessage }) => lastMessage),
    );
  }

  conversationPage(viewer: UserId, page: PageRequest) {
    return this.#bounded(
      () => this.#reader.conversationPage(viewer, page),
      ({ items }) => items.map(({ lastMessage }) => lastMessage),
    );
  }

  users(ids: readonly UserId[]) {
    return this.#reader.users(ids);
  }

  userByName(username: string) {
    return this.#reader.userByName(username);
  }

  unreadCount(viewer: UserId) {
    return this.#reader.unreadCount(viewer);
  }

  inboxEnd(viewer: UserId) {
    return this.#reader.inboxEnd(viewer);
  }

  async #bounded<Result>(
    read: () => Promise<Result>,
    messagesIn: (result: Result) => readonly (Message | null)[],
  ): Promise<Result> {
    if (this.#running === MAX_AT_A_TIME) await this.#turn();
    else this.#running++;
    try {
      this.#budget.check();
      const result = await read();
      for (const message of messagesIn(result)) if (message !== null) this.#budget.take(message.messageText);
      return result;
    } finally {
      // Its place goes to the next one that waits.
      const next = this.#waiting?.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #turn(): Promise<void> {
    this.#waiting ??= [];
    const waiting = this.#waiting;
    return new Promise((resolve) => waiting.push(resolve));
  }
}
