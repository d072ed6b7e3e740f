import { DEEP_PAGE } from '../workloads/deep-page.ts';
import { NEWEST_PAGE } from '../workloads/newest-page.ts';
import { ONE_MESSAGE } from '../workloads/one-message.ts';
import { SEND } from '../workloads/send.ts';
import type { Workload } from '../workloads/workload.ts';

/** Who opens the application reads the same few conversations again and again. */
const RECENT_CONVERSATIONS = 50;
/** Each is read once in a turn, so this is how long a turn is. */
const COLD_CONVERSATIONS = 150;

/** The conversations that were read last, over and over: what a cache is for. */
export const RECENT: Workload = {
  ...NEWEST_PAGE,
  key: 'newest-50-recent',
  name: `newest 50 of ${RECENT_CONVERSATIONS} recent conversations`,
  cases: async (database) => (await NEWEST_PAGE.cases(database)).slice(0, RECENT_CONVERSATIONS),
};

/** Conversations drawn uniformly, each once, none of which a cache has: what it costs where it does not help. */
export const COLD: Workload = {
  ...NEWEST_PAGE,
  key: 'newest-50-cold',
  name: 'newest 50, each conversation once, cold cache',
  cases: async (database) => (await NEWEST_PAGE.cases(database)).slice(0, COLD_CONVERSATIONS),
  restore: async () => {},
};

export const READS: readonly Workload[] = [ONE_MESSAGE, NEWEST_PAGE, RECENT, COLD, DEEP_PAGE];

/** How long one waits for its answer, and how many there are at a time when many send. */
export const SENDS: Workload = { ...SEND, connections: [16, 1] };
