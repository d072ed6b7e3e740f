import { crc32 } from 'node:zlib';
import { encodeBase64url } from './base64url.ts';

const SEPARATOR = '|';

/**
 * Joins parts into one URL-safe token, for cursors that clients hand back unread. Parts must not contain `|`. It ends
 * with a checksum: a token with one character lost or changed would otherwise often mean another place.
 */
export function encodeOpaque(...parts: readonly (string | number)[]): string {
  return encodeText(parts.join(SEPARATOR));
}

/** `encodeOpaque` for tokens that begin with the same parts and have two of their own: a page has many. */
export function opaqueEncoder(...common: readonly (string | number)[]) {
  const beginning = `${common.join(SEPARATOR)}${SEPARATOR}`;
  return (one: string, other: string): string => encodeText(`${beginning}${one}${SEPARATOR}${other}`);
}

function encodeText(text: string): string {
  return encodeBase64url(`${text}${SEPARATOR}${crc32(text).toString(36)}`);
}

/** The parts of `encodeOpaque`, or `null` when the token is not one that it could have made. */
export function decodeOpaque(token: string): readonly string[] | null {
  const parts = Buffer.from(token, 'base64url').toString().split(SEPARATOR).slice(0, -1);
  // Base64 has several spellings of one value, and drops what it does not know: only our own spelling counts.
  return encodeOpaque(...parts) === token ? parts : null;
}
