import { Unavailable } from '../../messaging/errors.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import { SQLSTATE, sqlState } from '../errors.ts';
import type { Executor } from '../executor.ts';
import { NAMES } from '../rows.ts';
import { readConversationPagesWithNames } from '../statements/conversation-page.ts';
import { readMessagePagesWithNames } from '../statements/message-page.ts';
import { readMessagesWithNames } from '../statements/messages.ts';
import { statementReader } from './statement-reader.ts';

/**
 * The read strategy with a copy of each name in the message's row. Where there is no message that could bring it (an empty
 * page; a conversation's state, which has two people and perhaps no message), names come from `users`.
 */
export function denormalizedReader(executor: Executor): MessageReader {
  return statementReader(whileThereAreNames(executor), {
    messages: readMessagesWithNames,
    messagePages: readMessagePagesWithNames,
    conversationPages: readConversationPagesWithNames,
  });
}

/** The names may be taken out under a server that reads them: it is not ready then, and at fault is nobody who asks it. */
function whileThereAreNames(executor: Executor): Executor {
  return {
    async run(statement, values) {
      try {
        return await executor.run(statement, values);
      } catch (error) {
        if (!lackNames(error)) throw error;
        throw new Unavailable('The database is not prepared for this server.', { cause: error });
      }
    },
  };
}

function lackNames(error: unknown): boolean {
  // Only the text says which column it is; in every language it has its name.
  const { message } = error as Error;
  return sqlState(error) === SQLSTATE.UNDEFINED_COLUMN && NAMES.some((column) => message.includes(column));
}
