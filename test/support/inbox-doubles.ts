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
