const OTHER_THAN_ASCII = /[^ -~]/;
const OTHER_DIGITS = /[+/]/;

/**
 * Base64url (RFC 4648, section 5) without padding, of a text in UTF-8. For ASCII `btoa` takes less than half the time of a
 * `Buffer`, and a page of 50 messages has 200 ids and cursors.
 */
export function encodeBase64url(text: string): string {
  if (OTHER_THAN_ASCII.test(text)) return Buffer.from(text).toString('base64url');
  const encoded = btoa(text);
  const padding = encoded.endsWith('==') ? 2 : encoded.endsWith('=') ? 1 : 0;
  const digits = padding === 0 ? encoded : encoded.slice(0, -padding);
  return OTHER_DIGITS.test(digits) ? digits.replaceAll('+', '-').replaceAll('/', '_') : digits;
}
