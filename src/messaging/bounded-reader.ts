import type { Message } from './model.ts';
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
  const budget = new TextBudget(maxCharacters);
  const waiting: (() => void)[] = [];
  let running = 0;

  async function bounded<Result>(
    read: () => Promise<Result>,
    messagesIn: (result: Result) => readonly (Message | null)[],
  ): Promise<Result> {
    if (running === MAX_AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      budget.check();
      const result = await read();
      for (const message of messagesIn(result)) if (message !== null) budget.take(message.messageText);
      return result;
    } finally {
      // Its place goes to the next one that waits.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return {
    ...reader,
    messages: (viewer, ids) =>
      bounded(
        () => reader.messages(viewer, ids),
        (messages) => messages,
      ),
    messagePage: (viewer, peer, page) =>
      bounded(
        () => reader.messagePage(viewer, peer, page),
        ({ items }) => items,
      ),
    conversationStates: (viewer, peers) =>
      bounded(
        () => reader.conversationStates(viewer, peers),
        (states) => states.map(({ lastMessage }) => lastMessage),
      ),
    conversationPage: (viewer, page) =>
      bounded(
        () => reader.conversationPage(viewer, page),
        ({ items }) => items.map(({ lastMessage }) => lastMessage),
      ),
  };
}
