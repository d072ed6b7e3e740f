import { batchPerTick } from '../../lib/batch-per-tick.ts';
import type { Message, WithPeople } from '../../messaging/model.ts';
import type { Page, PageRequest } from '../../messaging/page.ts';
import type { MessageReader } from '../../messaging/ports.ts';
import type { Executor } from '../executor.ts';
import { CONVERSATION_ENDS, type ConversationKey } from '../statements/conversation-ends.ts';
import {
  type Ends,
  endsOf,
  isUnchanged,
  newest,
  pairOf,
  RECENT,
  type RecentMessages,
  read,
  write,
} from './recent-messages.ts';
import type { Shelf } from './shelf.ts';

const MAX_CONVERSATIONS_A_STATEMENT = 1_000;

/** How many pages of newest messages were found, and not. */
export type CacheReads = Record<'hit' | 'miss', number>;

/** What is being loaded, as of those ends. */
interface Loading {
  readonly ends: Ends;
  readonly recent: Promise<RecentMessages>;
}

/**
 * Takes a conversation's newest messages from `shelf`. What is there is shown only when it is as the database would show it
 * now: the primary is asked, by keys alone, where the logs of the two people end, while Redis is asked for the messages.
 * So nothing has to be told to the cache, and no hint can be lost on the way to it: who has seen an event, or has just
 * written, never sees less. Names come with that answer, and are never old. What is not there, one of all readers loads.
 * @param inner may read from standbys that show each viewer what the primary does
 */
export function cachedReader(
  inner: MessageReader,
  primary: Executor,
  shelf: Shelf,
  reads: CacheReads,
): MessageReader {
  const loading = new Map<string, Loading>();
  /** The last that was seen: with it a key can be asked for before it is known that it still fits. */
  let life: string | null = null;

  const readEnds = batchPerTick(
    (wanted: readonly ConversationKey[]) =>
      primary.run(CONVERSATION_ENDS, [wanted.map(([viewer]) => viewer), wanted.map(([, peer]) => peer)]),
    { maxSize: MAX_CONVERSATIONS_A_STATEMENT, key: String },
  );

  async function newestPage(wanted: ConversationKey, limit: number): Promise<Page<Message> & WithPeople> {
    const guess = life === null ? null : keyOf(life, wanted);
    const [now, early] = await Promise.all([readEnds(wanted), guess === null ? null : shelf.get(guess)]);
    life = now.life;
    const key = keyOf(life, wanted);
    const text = key === guess ? early : await shelf.get(key);
    const recent = await recentMessages(wanted, key, endsOf(wanted, now), text);
    return { ...newest(recent, limit), people: now.people };
  }

  async function recentMessages(
    wanted: ConversationKey,
    key: string,
    now: Ends,
    text: string | null,
  ): Promise<RecentMessages> {
    const stillTrue = (kept: string | null) => {
      const recent = kept === null ? null : read(kept, pairOf(wanted));
      return recent !== null && isUnchanged(recent.ends, now) ? recent : null;
    };
    const found = stillTrue(text);
    reads[found === null ? 'miss' : 'hit']++;
    if (found !== null) return found;
    const underWay = loading.get(key);
    if (underWay !== undefined && isUnchanged(underWay.ends, now)) return underWay.recent;

    const begun = { ends: now, recent: shelf.loadOnce(key, stillTrue, () => load(wanted, key, now)) };
    loading.set(key, begun);
    try {
      return await begun.recent;
    } finally {
      if (loading.get(key) === begun) loading.delete(key);
    }
  }

  /** What is read after `now` was is at least as new. */
  async function load(wanted: ConversationKey, key: string, now: Ends): Promise<RecentMessages> {
    const page = await inner.messagePage(...wanted, NEWEST);
    const recent = { ...page, ends: now };
    void shelf.put(key, write(recent, pairOf(wanted)));
    return recent;
  }

  return {
    ...inner,
    messagePage: (viewer, peer, page) =>
      isKept(page) && shelf.isThere
        ? newestPage([viewer, peer], page.limit)
        : inner.messagePage(viewer, peer, page),
  };
}

const NEWEST: PageRequest = { direction: 'forward', limit: RECENT, after: null, before: null };

function isKept({ direction, limit, after, before }: PageRequest): boolean {
  return direction === 'forward' && limit <= RECENT && after === null && before === null;
}

/** Another life of the database, and another database that shares the Redis, have keys of their own. */
function keyOf(life: string, wanted: ConversationKey): string {
  return `parley:recent:${life}:${pairOf(wanted).join(':')}`;
}
