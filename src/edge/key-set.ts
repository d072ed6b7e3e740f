import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { startAge } from '../lib/age.ts';

export interface KeySetOptions {
  readonly url: string;
  /** After so long keys are fetched again before they are used: no longer is a key accepted that its issuer has removed. */
  readonly maxAgeMs: number;
  /** For so long after the last good answer known keys are used while the issuer does not answer. */
  readonly outageMs: number;
  /** The least time between two fetches, whatever key ids come. */
  readonly cooldownMs: number;
  /** How long a fetch may take; no request waits longer. */
  readonly timeoutMs: number;
  /** A fetch has failed. Known keys may go on being used. */
  readonly onError: (error: unknown) => void;
}

export interface KeySet {
  /** Gives the key of a token. @throws what the fetch threw, where the right key is not known and may yet exist. */
  readonly keyOf: JWTVerifyGetKey;
  /** Fetches the keys anew when they are due. @returns the number of the fetch that gave those that count now. */
  fresh(): Promise<number>;
  /** Whether the keys of this fetch are still those that count, and not due to be fetched anew. */
  isFresh(fetch: number): boolean;
}

/**
 * The keys of an issuer (RFC 7517), fetched as they are needed. A key of an unknown id is asked for at once, bounded by
 * the cooldown; those who bring a known one never wait for that. From half of their greatest age on, keys are fetched
 * anew behind the back of those who use them.
 */
export function createKeySet(options: KeySetOptions): KeySet {
  const { url, maxAgeMs, outageMs, cooldownMs, timeoutMs, onError } = options;
  // When to fetch is decided here. jose would go by the wall clock, give up known keys when a fetch fails, and then
  // fetch again for every token.
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    timeoutDuration: timeoutMs,
  });
  let age = () => Number.POSITIVE_INFINITY;
  let sinceFetch = () => Number.POSITIVE_INFINITY;
  let failure: unknown = null;
  let fetching: Promise<void> | null = null;
  let fetches = 0;

  async function fetchKeys(): Promise<void> {
    const ageOfAnswer = startAge();
    try {
      await remote.reload();
      fetches++;
      age = ageOfAnswer;
      failure = null;
    } catch (error) {
      failure = error;
      onError(error);
    }
    sinceFetch = startAge();
    fetching = null;
  }

  /** Fetches, unless that has just been done. @throws why the last fetch failed. */
  async function refresh(): Promise<void> {
    if (fetching === null && sinceFetch() >= cooldownMs) fetching = fetchKeys();
    await fetching;
    if (failure !== null) throw failure;
  }

  async function ensureFresh(): Promise<void> {
    if (age() >= outageMs) return refresh();
    if (age() < maxAgeMs / 2) return;
    const refreshed = refresh().catch(() => {});
    // The first who finds that the issuer does not answer has waited for it; that is enough.
    if (age() >= maxAgeMs && failure === null) await refreshed;
  }

  return {
    async keyOf(header, token) {
      await ensureFresh();
      try {
        return await remote(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refresh();
        return remote(header, token);
      }
    },
    async fresh() {
      await ensureFresh();
      return fetches;
    },
    isFresh: (fetch) => fetch === fetches && age() < maxAgeMs / 2,
  };
}
