import { setMaxListeners } from 'node:events';
import type { Inbox } from '../../src/messaging/inbox/inbox.ts';
import type { InboxEvent } from '../../src/messaging/inbox/log.ts';
import type { Viewer } from '../../src/messaging/model.ts';
import type { InboxLog } from '../../src/messaging/ports.ts';

/** The log, with a sweep that never finds anything: only hints can tell of news. */
export function withoutSweep(log: InboxLog): InboxLog {
  return {
    read: (requests, limit) => log.read(requests, limit),
    moved: async () => ({ epoch: '', users: [] }),
  };
}

export const viewerOf = (id: number) => ({ id, admin: false }) as Viewer;

/** A subscription that is asked for each event, and is closed when `signal` aborts. */
export function followed(inbox: Inbox, viewer: Viewer, cursor: string | null, signal: AbortSignal) {
  const following = inbox.follow(viewer, cursor);
  // One signal may stand for many.
  setMaxListeners(0, signal);
  if (signal.aborted) following.close();
  else signal.addEventListener('abort', () => following.close());
  return following[Symbol.asyncIterator]();
}

/** Takes from a subscription until it has this many, in the background. */
export function collect(events: AsyncIterable<InboxEvent>, count = Number.POSITIVE_INFINITY) {
  const taken: InboxEvent[] = [];
  const done = (async () => {
    for await (const event of events) {
      taken.push(event);
      if (taken.length === count) break;
    }
    return taken;
  })();
  done.catch(() => {});
  return { taken, done };
}
