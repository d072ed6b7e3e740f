/** How many of what a database of some size has. */
export interface Shape {
  readonly messages: number;
  readonly users: number;
  /** Messages of the long conversation, which the two last users have with each other. */
  readonly longConversation: number;
}

/** Few enough messages for it to be built in no time, and enough for a long conversation. */
export const LEAST_MESSAGES = 10_000;
const MESSAGES_OF_A_USER = 100;
const LEAST_LONG_CONVERSATION = 5_000;
const LONG_CONVERSATION_SHARE = 0.01;

/** The more messages, the more users: what one of them has is alike at every size. */
export function shapeOf(messages: number): Shape {
  return {
    messages,
    users: Math.round(messages / MESSAGES_OF_A_USER),
    longConversation: Math.max(LEAST_LONG_CONVERSATION, Math.floor(messages * LONG_CONVERSATION_SHARE)),
  };
}
