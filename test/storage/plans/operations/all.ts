import type { Operation } from '../operation.ts';
import { MESSAGE_PAGES } from './pages.ts';
import { SINGLE } from './single.ts';
import { WHOLE_INBOX } from './whole-inbox.ts';
import { WRITES } from './writes.ts';

export const OPERATIONS: readonly Operation[] = [...SINGLE, ...MESSAGE_PAGES, ...WHOLE_INBOX, ...WRITES];
