const SEPARATOR = '|';

/** Joins parts into one URL-safe token, for cursors that clients hand back unread. Parts must not contain `|`. */
export function encodeOpaque(...parts: readonly (string | number)[]): string {
  return Buffer.from(parts.join(SEPARATOR)).toString('base64url');
}

/** The parts of `encodeOpaque`, or `null` when the token is not one that it could have made. */
export function decodeOpaque(token: string): readonly string[] | null {
  const parts = Buffer.from(token, 'base64url').toString().split(SEPARATOR);
  // Base64 has several spellings of one value, and drops what it does not know: only our own spelling counts.
  return encodeOpaque(...parts) === token ? parts : null;
}
