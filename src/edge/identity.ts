import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { atTime } from '../lib/at-time.ts';
import { isStorableText } from '../lib/well-formed.ts';
import { Unauthenticated, ViewerGone } from '../messaging/errors.ts';
import type { Viewer } from '../messaging/model.ts';
import type { KnownUser, KnownUsers } from './known-users.ts';
import { type CheckedToken, createVerify, expired, type VerifyOptions } from './verify-token.ts';

/** As OpenID Connect Core 1.0, section 2, has it for `sub`; a unique index takes no more than 2,704 bytes. */
const MAX_NAME_LENGTH = 255;
const BEARER = /^Bearer +([^ ]+)$/i;

export interface IdentityOptions extends VerifyOptions {
  /** Whether an unknown `sub` becomes a user. */
  readonly provisionUsers: boolean;
}

/** What ends while something of it is still going on. */
export interface Lifetime {
  /** Calls back, once, when it is over, at once when it is already; and says why. @returns what calls it off. */
  whenOver(callback: (reason: Unauthenticated) => void): () => void;
}

/**
 * Who speaks, by one token. It lasts as long as the token and the user: a socket closes and an event stream ends within
 * a second of the token's `exp`, and of the deletion of the user or a change of their `external_id`.
 *
 * All else is as it was when the token came: a socket or event stream keeps the role that it was opened with, and goes on
 * though the key of its token be withdrawn; only a new one is looked at anew. Who wants such changes to count soon gives
 * out short tokens.
 */
export class Identity implements Lifetime {
  constructor(
    readonly viewer: Viewer,
    /** When the token ends, in milliseconds since 1970; `null` when it does not. */
    private readonly expiresAt: number | null,
    private readonly user: KnownUser,
    private readonly users: KnownUsers,
    private readonly token: CheckedToken,
  ) {}

  /** Whether it would be found again just so, by the same token. */
  get holds(): boolean {
    return this.over === null && this.token.holds() && this.users.believes(this.user);
  }

  /** Why it counts no more; `null` while it does. */
  get over(): Unauthenticated | null {
    if (this.user.gone) return new ViewerGone();
    if (this.expiresAt !== null && this.expiresAt <= Date.now()) return expired();
    return null;
  }

  whenOver(callback: (reason: Unauthenticated) => void): () => void {
    const callOffs: (() => void)[] = [];
    const callOff = () => {
      for (const each of callOffs.splice(0)) each();
    };
    let over = false;
    const end = (reason: Unauthenticated) => {
      over = true;
      callOff();
      callback(reason);
    };
    callOffs.push(this.users.whenGone(this.user, () => end(new ViewerGone())));
    // The user may have been gone already.
    if (this.expiresAt !== null && !over) callOffs.push(atTime(this.expiresAt, () => end(expired())));
    return callOff;
  }
}

export interface Authenticate {
  /**
   * Turns an `Authorization` header into a viewer: `null` when there is no header.
   * @throws Unauthenticated when there is one but not with a good token (RFC 6750, RFC 7519) of a user.
   */
  (authorization: string | null | undefined): Promise<Identity | null>;
  /** Who came with the same header before, if nothing has changed since; at once. */
  recall(authorization: string): Identity | undefined;
}

/** Headers of those who come again: tokens are some 200 characters long; with many claims, some 1,000. */
const MAX_RECALLED_CHARACTERS = 5_000_000;
const MAX_HEADER_CHARACTERS = 4_000;

export function createAuthenticate(options: IdentityOptions, users: KnownUsers): Authenticate {
  const verify = createVerify(options);
  const recent = new LRUCache<string, Identity>({
    maxSize: MAX_RECALLED_CHARACTERS,
    maxEntrySize: MAX_HEADER_CHARACTERS,
    sizeCalculation: (_, authorization) => authorization.length,
  });

  async function authenticate(authorization: string | null | undefined): Promise<Identity | null> {
    if (authorization === null || authorization === undefined) return null;
    const known = recall(authorization);
    if (known !== undefined) return known;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('The authorization must be "Bearer " and a token.');
    const checked = await verify(token);
    const { claims } = checked;
    const { sub, exp } = claims;
    if (!isName(sub)) throw new Unauthenticated('The token has no usable sub.');
    const user = await users.find(sub, options.provisionUsers ? nameIn(claims, sub) : null);
    if (user === null) throw new Unauthenticated('There is no user with this sub.');
    const viewer = { id: user.id, admin: claims['role'] === 'admin' };
    const identity = new Identity(viewer, exp === undefined ? null : exp * 1_000, user, users, checked);
    recent.set(authorization, identity);
    return identity;
  }

  // A signature that was good stays good as long as its key counts; whatever depends on the time is looked at anew.
  function recall(authorization: string): Identity | undefined {
    const identity = recent.get(authorization);
    return identity?.holds ? identity : undefined;
  }

  return Object.assign(authenticate, { recall });
}

function nameIn({ preferred_username: preferred }: JWTPayload, sub: string): string {
  return isName(preferred) ? preferred : sub;
}

/** Claims are what the issuer put there, whatever jose's types say. */
function isName(claim: unknown): claim is string {
  return (
    typeof claim === 'string' && claim !== '' && claim.length <= MAX_NAME_LENGTH && isStorableText(claim)
  );
}
