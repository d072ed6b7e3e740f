import { CONVERSATION_LIST } from './conversation-list.ts';
import { DEEP_PAGE } from './deep-page.ts';
import { MARK_READ } from './mark-read.ts';
import { NEWEST_PAGE } from './newest-page.ts';
import { ONE_MESSAGE } from './one-message.ts';
import { SEND, SEND_ONCE, SEND_TO_ONE } from './send.ts';
import type { Workload } from './workload.ts';

/**
 * In the order in which they are measured: what writes comes last, so that it changes nothing for the others, and
 * sending last of all, because it makes more unread messages.
 */
export const WORKLOADS: readonly Workload[] = [
  ONE_MESSAGE,
  NEWEST_PAGE,
  DEEP_PAGE,
  CONVERSATION_LIST,
  MARK_READ,
  SEND,
  SEND_TO_ONE,
  SEND_ONCE,
];
