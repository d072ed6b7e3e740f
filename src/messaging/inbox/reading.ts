import type { InboxLog } from '../ports.ts';
import { encodeInboxCursor } from './cursor.ts';
import type { InboxEvent, InboxPage, InboxRequest } from './log.ts';

/** Changes that one subscription reads at a time. */
export const PAGE_SIZE = 100;

/** One page of a log, as all who have read equally far get it: the same objects, so that they can share answers. */
export interface Reading {
  readonly epoch: string;
  readonly head: bigint;
  /** Whether it is proven to be all that came after the request's place, up to the page's end. */
  readonly isComplete: boolean;
  readonly events: readonly InboxEvent[];
}

/** A page for each request; `null` where there is no such user. */
export async function readLogs(
  log: InboxLog,
  requests: readonly InboxRequest[],
): Promise<readonly (Reading | null)[]> {
  const pages = await log.read(requests, PAGE_SIZE);
  return pages.map((page, i) => page && toReading(requests[i] as InboxRequest, page));
}

function toReading({ userId, after }: InboxRequest, page: InboxPage): Reading {
  const { epoch, head, changes } = page;
  // Not `{ ...change, cursor }`: of that, V8 keeps something in its old space for each event.
  const events = changes.map((change) =>
    Object.assign({ cursor: encodeInboxCursor(userId, { epoch, seq: change.seq }) }, change),
  );
  return { epoch, head, isComplete: isComplete(page, after), events };
}

/** The proof that nothing is missing: the page begins right after the cursor, has no hole, and reaches the head. */
function isComplete({ changes, head }: InboxPage, after: bigint): boolean {
  const contiguous = changes.every(({ seq }, i) => seq === after + BigInt(i) + 1n);
  const last = after + BigInt(changes.length);
  return contiguous && (changes.length === PAGE_SIZE ? last <= head : last === head);
}
