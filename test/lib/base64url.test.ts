import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeBase64url } from '../../src/lib/base64url.ts';

test('any text is encoded as a Buffer would', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', '?>~', 'é', '\0', '\u{1F44B}'),
  );
  fc.assert(
    fc.property(text, (each) => expect(encodeBase64url(each)).toBe(Buffer.from(each).toString('base64url'))),
  );
});
