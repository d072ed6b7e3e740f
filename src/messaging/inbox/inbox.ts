import { batchPerTick } from '../../lib/batch-per-tick.ts';
import type { Viewer } from '../model.ts';
import type { HintBus, InboxLog } from '../ports.ts';
import { Followers } from './followers.ts';
import { Following, type ReadPage } from './following.ts';
import type { InboxRequest } from './log.ts';
import { readLogs } from './reading.ts';
import { startSweep } from './sweep.ts';

/** Places in logs that one statement reads from: bounded, so that its result is. */
const MAX_PLACES_A_STATEMENT = 100;

/** Follows logs: hints say when to read them, and a lost hint costs only the time until the next sweep. */
export class Inbox implements AsyncDisposable {
  readonly #followers: Followers;
  readonly #read: ReadPage;
  readonly #sweep: AsyncDisposable;

  constructor(log: InboxLog, bus: HintBus, onError: (error: unknown) => void) {
    this.#read = batchPerTick((requests: readonly InboxRequest[]) => readLogs(log, requests), {
      maxSize: MAX_PLACES_A_STATEMENT,
      // All devices of one user that have read equally far share one reading.
      key: ({ userId, after }) => `${userId}/${after}`,
    });
    this.#followers = new Followers(bus);
    this.#sweep = startSweep(log, this.#followers, onError);
    bus.subscribe((users) => this.#followers.hint(users));
  }

  /** How many subscriptions are open. */
  get followerCount(): number {
    return this.#followers.count;
  }

  /** Everything that happens in the viewer's inbox after `cursor`, or from now on without it. */
  follow(viewer: Viewer, cursor: string | null): Following {
    return new Following(viewer.id, cursor, this.#read, this.#followers);
  }

  /** Ends every subscription. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.closeAll();
    await this.#sweep[Symbol.asyncDispose]();
  }
}
