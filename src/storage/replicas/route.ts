import { batchPerTick } from '../../lib/batch-per-tick.ts';
import { within } from '../../lib/within.ts';
import type { UserId } from '../../messaging/ids.ts';
import type { Executor } from '../executor.ts';
import { LOG_ENDS } from '../statements/replication.ts';
import type { Replicas } from './replicas.ts';
import type { Standby } from './standby.ts';

/** Viewers whose logs one statement asks about. */
const MAX_VIEWERS = 1_000;
/** A standby that takes longer for a lookup by key would keep its readers waiting; the primary does not. */
const ENDS_WITHIN_MS = 500;

/** Where this viewer can be read from now; `null` is the primary. */
export type Route = (viewer: UserId) => Promise<Standby | null>;

/**
 * A standby is as good as the primary for a viewer whose log ends at the same place on both: whatever was sent to them or
 * by them, read, changed or deleted, by whom and on which node ever, has moved that end in its own transaction. So the
 * primary itself carries between nodes what a viewer has seen, and no node remembers anything. A standby that is *ahead*
 * will not do: it may show a commit that the primary still holds back (synchronous replication), and the next read from
 * the primary would take it away again.
 */
export function createRoute(primary: Executor, replicas: Replicas): Route {
  const ask = batchPerTick(
    async (viewers: readonly UserId[]) => {
      const standby = replicas.next();
      if (standby === null) return viewers.map(() => null);
      const [ends, there] = await Promise.all([primary.run(LOG_ENDS, [viewers]), endsOn(standby, viewers)]);
      return viewers.map((_, i) => (ends[i] === there?.[i] ? standby : null));
    },
    { maxSize: MAX_VIEWERS, key: String },
  );
  return async (viewer) => (replicas.inUse.length === 0 ? null : ask(viewer));
}

async function endsOn(standby: Standby, viewers: readonly UserId[]): Promise<readonly string[] | null> {
  try {
    return await within(ENDS_WITHIN_MS, standby.run(LOG_ENDS, [viewers]));
  } catch (error) {
    standby.distrust(error);
    return null;
  }
}
