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
  readonly #read: (request: InboxRequest) => Promise<InboxPage | null>;
  readonly #sweep: AsyncDisposable;

  constructor(log: InboxLog, bus: HintBus, onError: (error: unknown) => void) {
    this.#read = batchPerTick((request) => log.read(request, PAGE_SIZE), {
      maxSize: MAX_PLACES_A_STATEMENT,
      // All devices of one user that have read equally far share one answer.
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
    this.#followers.add(follower);
    let begun = false;
    try {
      while (!follower.closed && !signal.aborted) {
        follower.listen();
        const page = await this.#readPatiently(follower, begun);
        if (page === null) continue;
        begun = true;
        if (page.epoch !== start.epoch || !isComplete(page, follower.position)) throw new ResyncRequired();
        for (const change of page.changes) {
          if (signal.aborted) return;
          follower.position = change.seq;
          yield { ...change, cursor: encodeInboxCursor(viewer.id, { epoch: page.epoch, seq: change.seq }) };
        }
        if (page.changes.length < PAGE_SIZE) await follower.hinted();
      }
    } finally {
      signal.removeEventListener('abort', close);
      this.#followers.remove(follower);
    }
  }

  /** One page; `null` when the database was away and may be back. A subscription that has begun outlasts that. */
  async #readPatiently(follower: Follower, begun: boolean): Promise<InboxPage | null> {
    try {
      return await this.#page({ userId: follower.userId, after: follower.position });
    } catch (error) {
      if (!begun || !(error instanceof Unavailable)) throw error;
      // The first sweep that succeeds sees that this log has moved on, and hints.
      await follower.hinted();
      return null;
    }
  }

  async #end(viewer: Viewer) {
    const { epoch, head } = await this.#page({ userId: viewer.id, after: MAX_SEQ });
    return { epoch, seq: head };
  }

  async #page(request: InboxRequest): Promise<InboxPage> {
    const page = await this.#read(request);
    // Their log is gone, too; to load again would be no use.
    if (page === null) throw new ViewerGone();
    return page;
  }

  /** Ends every subscription. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.closeAll();
    await this.#sweep[Symbol.asyncDispose]();
  }
}

/** The proof that nothing is missing: the page begins right after the cursor, has no hole, and reaches the head. */
function isComplete({ changes, head }: InboxPage, after: bigint): boolean {
  const contiguous = changes.every(({ seq }, i) => seq === after + BigInt(i) + 1n);
  const last = after + BigInt(changes.length);
  return contiguous && (changes.length === PAGE_SIZE ? last <= head : last === head);
}
