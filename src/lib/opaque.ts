import { encodeBase64url } from './base64url.ts';
import { crc32 } from './crc32.ts';

/** Between parts. */
export const SEPARATOR = '|';

/**
 * Joins parts into one URL-safe token, for cursors that clients hand back unread. Parts must not contain `|`. It ends
 * with a checksum: a token with one character lost or changed would otherwise often mean another place.
 */
export function encodeOpaque(...parts: readonly (string | number)[]): string {
  return opaqueEncoder()(parts.join(SEPARATOR));
}

/**
 * `encodeOpaque` for tokens that begin with the same parts: a page has many.
 * @returns what takes the parts that are a token's own, joined
 */
export function opaqueEncoder(...common: readonly (string | number)[]): (own: string) => string {
  const beginning = common.map((part) => `${part}${SEPARATOR}`).join('');
  const sum = crc32(beginning);
  return (own) => encodeBase64url(`${beginning}${own}${SEPARATOR}${crc32(own, sum).toString(36)}`);
}

/** The parts of `encodeOpaque`, or `null` when the token is not one that it could have made. */
export function decodeOpaque(token: string): readonly string[] | null {
  const parts = Buffer.from(token, 'base64url').toString().split(SEPARATOR).slice(0, -1);
  // Base64 has several spellings of one value, and drops what it does not know: only our own spelling counts.
  return encodeOpaque(...parts) === token ? parts : null;
}
