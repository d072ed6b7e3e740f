import { batchPerTick } from '../../lib/batch-per-tick.ts';
import { ResyncRequired, Unavailable, ViewerGone } from '../errors.ts';
import type { Viewer } from '../model.ts';
import type { HintBus, InboxLog } from '../ports.ts';
import { decodeInboxCursor, encodeInboxCursor } from './cursor.ts';
import { Follower, Followers } from './followers.ts';
import { type InboxEvent, type InboxPage, type InboxRequest, MAX_SEQ } from './log.ts';
import { startSweep } from './sweep.ts';

/** Changes that one subscription reads at a time. */
const PAGE_SIZE = 100;
/** Places in logs that one statement reads from: bounded, so that its result is. */
const MAX_PLACES_A_STATEMENT = 100;

/**
 * Follows logs. A subscription pulls: it reads the log after its cursor, yields, and waits for a hint when nothing is
 * left. So a slow one holds no queue in memory, and a lost hint costs only the time until the next sweep.
 */
export class Inbox implements AsyncDisposable {
  readonly #followers: Followers;
  readonly #read: (request: InboxRequest) => Promise<Reading | null>;
  readonly #sweep: AsyncDisposable;

  constructor(log: InboxLog, bus: HintBus, onError: (error: unknown) => void) {
    this.#read = batchPerTick((requests) => readLogs(log, requests), {
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

  /**
   * Everything that happens in the viewer's inbox after `cursor`, or from now on without it; ends when `signal` aborts.
   * @throws BadUserInput when the cursor is not of this inbox; ResyncRequired when the log cannot prove completeness;
   * ViewerGone when the viewer has been deleted.
   */
  async *follow(
    viewer: Viewer,
    cursor: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<InboxEvent, void, void> {
    const resumed = cursor === null ? null : decodeInboxCursor(viewer.id, cursor);
    const start = resumed ?? (await this.#end(viewer));
    const follower = new Follower(viewer.id, start.seq);
    const close = () => follower.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    this.#followers.add(follower);
    let begun = false;
    try {
      while (!follower.closed) {
        follower.listen();
        const reading = await this.#readPatiently(follower, begun);
        if (reading === null) continue;
        begun = true;
        if (reading.epoch !== start.epoch || !reading.isComplete) throw new ResyncRequired();
        for (const event of reading.events) {
          if (follower.closed) return;
          follower.position = event.seq;
          yield event;
        }
        if (reading.events.length < PAGE_SIZE) await follower.hinted();
      }
    } finally {
      signal.removeEventListener('abort', close);
      this.#followers.remove(follower);
    }
  }

  /** One page; `null` when the database was away and may be back. A subscription that has begun outlasts that. */
  async #readPatiently(follower: Follower, begun: boolean): Promise<Reading | null> {
    try {
      return await this.#readPage({ userId: follower.userId, after: follower.position });
    } catch (error) {
      if (!begun || !(error instanceof Unavailable)) throw error;
      // The first sweep that succeeds sees that this log has moved on, and hints.
      await follower.hinted();
      return null;
    }
  }

  async #end(viewer: Viewer) {
    const { epoch, head } = await this.#readPage({ userId: viewer.id, after: MAX_SEQ });
    return { epoch, seq: head };
  }

  async #readPage(request: InboxRequest): Promise<Reading> {
    const reading = await this.#read(request);
    // Their log is gone, too; to load again would be no use.
    if (reading === null) throw new ViewerGone();
    return reading;
  }

  /** Ends every subscription. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.closeAll();
    await this.#sweep[Symbol.asyncDispose]();
  }
}

/** One page of a log, as all who have read equally far get it: the same objects, so that they can share answers. */
interface Reading {
  readonly epoch: string;
  readonly head: bigint;
  /** Whether it is proven to be all that came after the request's place, up to the page's end. */
  readonly isComplete: boolean;
  readonly events: readonly InboxEvent[];
}

async function readLogs(
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
