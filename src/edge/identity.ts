import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { isStorableText } from '../lib/well-formed.ts';
import { Unauthenticated } from '../messaging/errors.ts';
import type { UserId } from '../messaging/ids.ts';
import type { Viewer } from '../messaging/model.ts';
import type { UserDirectory } from '../messaging/ports.ts';
import { createVerify, type VerifyOptions } from './verify-token.ts';

/** How long a node goes on believing which user a `sub` is, instead of asking with each request. */
const USER_CACHE_MS = 60_000;
const USER_CACHE_SIZE = 100_000;
/** As OpenID Connect Core 1.0, section 2, has it for `sub`; a unique index takes no more than 2,704 bytes. */
const MAX_NAME_LENGTH = 255;
const BEARER = /^Bearer +([^ ]+)$/i;

export interface IdentityOptions extends VerifyOptions {
  /** Whether an unknown `sub` becomes a user. */
  readonly provisionUsers: boolean;
}

export interface Identity {
  readonly viewer: Viewer;
  /** When the token ends, in milliseconds since 1970; `null` when it does not. */
  readonly expiresAt: number | null;
}

export type Authenticate = (authorization: string | null | undefined) => Promise<Identity | null>;

/**
 * Makes the function that turns an `Authorization` header into a viewer. It answers `null` when there is no header, and
 * throws Unauthenticated when there is one but not with a good token (RFC 6750, RFC 7519) of a user.
 */
export function createAuthenticate(options: IdentityOptions, users: UserDirectory): Authenticate {
  const verify = createVerify(options);
  const known = new LRUCache<string, UserId>({ max: USER_CACHE_SIZE, ttl: USER_CACHE_MS });

  async function userOf(sub: string, claims: JWTPayload): Promise<UserId> {
    const cached = known.get(sub);
    if (cached !== undefined) return cached;
    const id =
      (await users.find(sub)) ?? (options.provisionUsers ? await users.provision(sub, nameIn(claims)) : null);
    if (id === null) throw new Unauthenticated('There is no user with this sub.');
    known.set(sub, id);
    return id;
  }

  return async (authorization) => {
    if (authorization === null || authorization === undefined) return null;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('The authorization must be "Bearer " and a token.');
    const claims = await verify(token);
    const { sub, exp } = claims;
    if (!isName(sub)) throw new Unauthenticated('The token has no usable sub.');
    return {
      viewer: { id: await userOf(sub, claims), admin: claims['role'] === 'admin' },
      expiresAt: exp === undefined ? null : exp * 1_000,
    };
  };
}

function nameIn(claims: JWTPayload): string {
  const { preferred_username: preferred, sub = '' } = claims;
  return isName(preferred) ? preferred : sub;
}

/** Claims are what the issuer put there, whatever jose's types say. */
function isName(claim: unknown): claim is string {
  return (
    typeof claim === 'string' && claim !== '' && claim.length <= MAX_NAME_LENGTH && isStorableText(claim)
  );
}
