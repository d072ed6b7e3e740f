import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { UserId } from '../messaging/ids.ts';
import type { NamedUser, UserDirectory } from '../messaging/ports.ts';

/** How long a node goes on believing which user a `sub` is, after it was seen to be so, and after the last request. */
const BELIEVED_MS = 60_000;
const MAX_BELIEVED = 100_000;
/** Who asks all the time is looked for no more often. */
const SEEK_INTERVAL_MS = 1_000;
/** How soon a node learns that a user is gone, or is called otherwise. */
const CHECK_INTERVAL_MS = 1_000;
/**
 * How many users are asked for at a time. That takes PostgreSQL 20 to 30 ms; a node that knows more users, with those
 * of its open connections, takes a second longer for each further 10,000.
 */
const MAX_CHECKED = 10_000;

/** Whom a `sub` names, as this node believes it. */
export interface KnownUser extends NamedUser {
  /** Whether that is over: the user has been deleted, or has another `sub`. */
  gone: boolean;
  /** When that was last seen to be so, in the time of `performance.now()`. */
  seenAt: number;
  /** When it was last looked for among those who are believed, in that time. */
  soughtAt: number;
}

/**
 * The users of this node's requests, sockets and event streams. A request costs no statement for it as long as its user
 * is known, that is until they have asked nothing for a minute; in exchange all of them are checked once a second by one
 * statement, whoever deletes or renames them. Were that to fail again and again, nobody is believed for longer than a
 * minute without being looked up; open sockets and event streams last until it works again.
 */
export class KnownUsers implements AsyncDisposable {
  readonly #directory: UserDirectory;
  readonly #onError: (error: unknown) => void;
  readonly #believed = new LRUCache<string, KnownUser>({
    max: MAX_BELIEVED,
    ttl: BELIEVED_MS,
    updateAgeOnGet: true,
  });
  readonly #awaited = new Map<KnownUser, Set<() => void>>();
  /** Those whose turn to be checked has yet to come. */
  #due: KnownUser[] = [];
  readonly #stop = new AbortController();
  readonly #checking: Promise<void>;

  constructor(directory: UserDirectory, onError: (error: unknown) => void) {
    this.#directory = directory;
    this.#onError = onError;
    this.#checking = this.#keepChecking();
  }

  /** @returns `null` where nobody has this `sub`, unless they may be provisioned under `username`. */
  async find(externalId: string, username: string | null): Promise<KnownUser | null> {
    const believed = this.#believed.get(externalId);
    if (believed !== undefined && isFresh(believed)) return believed;
    const asked = performance.now();
    const id =
      (await this.#directory.find(externalId)) ??
      (username === null ? null : await this.#directory.provision(externalId, username));
    if (id === null) return null;
    const user = { id, externalId, gone: false, seenAt: asked, soughtAt: asked };
    this.#believed.set(externalId, user);
    return user;
  }

  /** Whether `find` would give this very user, without asking anybody, or would have a second ago. */
  believes(user: KnownUser): boolean {
    const now = performance.now();
    if (user.gone || now - user.seenAt >= BELIEVED_MS) return false;
    if (now - user.soughtAt < SEEK_INTERVAL_MS) return true;
    if (this.#believed.get(user.externalId) !== user) return false;
    user.soughtAt = now;
    return true;
  }

  /** Calls back when the user is gone, at once when that is known. @returns what calls it off. */
  whenGone(user: KnownUser, callback: () => void): () => void {
    if (user.gone) {
      callback();
      return () => {};
    }
    const callbacks = this.#awaited.get(user) ?? new Set();
    this.#awaited.set(user, callbacks.add(callback));
    return () => {
      if (callbacks.delete(callback) && callbacks.size === 0) this.#awaited.delete(user);
    };
  }

  /** Something has shown that this user may be gone: checks that now. Never rejects. */
  async suspect(id: UserId): Promise<void> {
    await this.#check(this.#all().filter((user) => user.id === id));
  }

  #all(): KnownUser[] {
    return [...new Set([...this.#believed.values(), ...this.#awaited.keys()])];
  }

  async #keepChecking(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#due.length === 0) this.#due = this.#all();
      await this.#check(this.#due.splice(-MAX_CHECKED));
      await delay(CHECK_INTERVAL_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #check(users: readonly KnownUser[]): Promise<void> {
    if (users.length === 0) return;
    const asked = performance.now();
    try {
      const gone = new Set(await this.#directory.gone(users));
      for (const user of users)
        if (gone.has(user)) this.#forget(user);
        else user.seenAt = asked;
    } catch (error) {
      this.#onError(error);
    }
  }

  #forget(user: KnownUser): void {
    user.gone = true;
    if (this.#believed.peek(user.externalId) === user) this.#believed.delete(user.externalId);
    const callbacks = this.#awaited.get(user) ?? [];
    this.#awaited.delete(user);
    for (const callback of callbacks) callback();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#checking;
  }
}

function isFresh({ seenAt }: KnownUser): boolean {
  return performance.now() - seenAt < BELIEVED_MS;
}
