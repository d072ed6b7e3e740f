import type { Unavailable } from './errors.ts';
import type { MessageReader } from './ports.ts';

/** Reads nothing: every statement fails at once, with the failure that is known already. */
export function unavailableReader(failure: Unavailable): MessageReader {
  const fail = () => Promise.reject(failure);
  return {
    users: fail,
    userByName: fail,
    messages: fail,
    messagePage: fail,
    conversationStates: fail,
    conversationPage: fail,
    unreadCount: fail,
    inboxEnd: fail,
  };
}
