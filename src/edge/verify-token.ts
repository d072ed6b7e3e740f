import {
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { Unauthenticated, Unavailable } from '../messaging/errors.ts';
import { createKeySet, type KeySetOptions } from './key-set.ts';

export interface VerifyOptions {
  /** For HS256. */
  readonly secret: string | null;
  /** For RS256, ES256 and EdDSA. */
  readonly keys: KeySetOptions | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  /** By how much the issuer's clock may be ahead of this one. */
  readonly clockSkewMs: number;
}

/** A token whose signature was good. */
export interface CheckedToken {
  readonly claims: JWTPayload;
  /** Whether the key that it was checked with still counts; else it is to be checked anew. */
  readonly holds: () => boolean;
}

const ALWAYS = () => true;

/**
 * Makes the function that checks a token (RFC 7519) and gives its claims. It throws Unauthenticated where the token is
 * not good, and Unavailable where that cannot be known now.
 *
 * `nbf` and `iat` may be ahead by the clock skew. `exp` has no such grace: a token that has ended has ended.
 */
export function createVerify(options: VerifyOptions): (token: string) => Promise<CheckedToken> {
  const { secret, keys, issuer, audience, clockSkewMs } = options;
  const expected: JWTVerifyOptions = {
    requiredClaims: ['sub'],
    clockTolerance: clockSkewMs / 1_000,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  };
  const key = secret === null ? null : new TextEncoder().encode(secret);
  const keySet = keys === null ? null : createKeySet(keys);

  // The algorithms are fixed for each kind of key: a token must not choose how it is checked.
  async function check(token: string): Promise<CheckedToken> {
    if (key !== null && (keySet === null || algorithmOf(token) === 'HS256')) {
      const { payload } = await jwtVerify(token, key, { ...expected, algorithms: ['HS256'] });
      return { claims: payload, holds: ALWAYS };
    }
    if (keySet === null) throw new Unauthenticated('This server accepts no tokens.');
    const keys = await keySet.fresh();
    const options = { ...expected, algorithms: ['RS256', 'ES256', 'EdDSA'] };
    const { payload } = await verifyWithKeySet(token, keySet.keyOf, options);
    return { claims: payload, holds: () => keySet.isFresh(keys) };
  }

  return async (token) => {
    try {
      const found = await check(token);
      checkTimes(found.claims, clockSkewMs);
      return found;
    } catch (error) {
      if (error instanceof Unauthenticated) throw error;
      if (error instanceof errors.JWTExpired) throw expired(error);
      if (error instanceof errors.JWTClaimValidationFailed) throw notAccepted(error.claim, error);
      if (isKeySetFailure(error))
        throw new Unavailable('The keys for checking tokens cannot be had now.', { cause: error });
      throw new Unauthenticated('The token is not valid here.', { cause: error });
    }
  };
}

/** While keys are exchanged, a token that names none may be signed with either. */
async function verifyWithKeySet(
  token: string,
  keySet: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySet, options);
  } catch (several) {
    if (!(several instanceof errors.JWKSMultipleMatchingKeys)) throw several;
    let failure: unknown = several;
    for await (const key of several) {
      try {
        return await jwtVerify(token, key, options);
      } catch (error) {
        failure = error;
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
      }
    }
    throw failure;
  }
}

/** What jose leaves: it would give `exp` the grace, too, and does not look at `iat`. */
function checkTimes({ exp, iat }: JWTPayload, clockSkewMs: number): void {
  if (exp !== undefined && exp * 1_000 <= Date.now()) throw expired();
  if (iat !== undefined && iat * 1_000 > Date.now() + clockSkewMs) throw notAccepted('iat');
}

export function expired(cause?: Error): Unauthenticated {
  return new Unauthenticated('The token has expired.', { cause });
}

function notAccepted(claim: string, cause?: Error): Unauthenticated {
  return new Unauthenticated(`The token's claim ${claim} is not accepted.`, { cause });
}

/** The issuer's fault and not the token's: no answer, or one that is no key set. */
function isKeySetFailure(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    // What jose throws for an answer other than 200, or that is no JSON.
    error.code === errors.JOSEError.code
  );
}

function algorithmOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).alg;
  } catch {
    return undefined;
  }
}
