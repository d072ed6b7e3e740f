import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from '../../src/lib/crc32.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'é', '\0', '\u{1F44B}'),
);

test('the sum is that of zlib, at once or in two parts', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(crc32(one)).toBe(zlibCrc32(one));
      expect(crc32(other, crc32(one))).toBe(zlibCrc32(one + other));
    }),
  );
});
