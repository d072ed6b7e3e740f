import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import { readConversationPages } from '../statements/conversation-page.ts';
import { readMessagePages } from '../statements/message-page.ts';
import { readMessages } from '../statements/messages.ts';
import { statementReader } from './statement-reader.ts';

/** The read strategy without copies: names come from `users`, each time. */
export function normalizedReader(executor: Executor): MessageReader {
  return statementReader(executor, {
    messages: readMessages,
    messagePages: readMessagePages,
    conversationPages: readConversationPages,
  });
}
