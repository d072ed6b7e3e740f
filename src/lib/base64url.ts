/** What `btoa` does not take or counts otherwise than UTF-8, and `>?~`, which alone can give the digits `+` and `/`. */
const OTHER_THAN_PLAIN = /[^ -=@-}]/;

/**
 * Base64url (RFC 4648, section 5) without padding, of a text in UTF-8. For plain texts `btoa` takes less than half the time
 * of a `Buffer`, and a page of 50 messages has 100 ids and cursors.
 */
export function encodeBase64url(text: string): string {
  if (OTHER_THAN_PLAIN.test(text)) return Buffer.from(text).toString('base64url');
  return btoa(text).slice(0, Math.ceil((text.length * 4) / 3));
}
