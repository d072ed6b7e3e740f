import { crc32 as crc32OfAny } from 'node:zlib';

const POLYNOMIAL = 0xedb8_8320;
/** What each value of a byte does to the sum. */
const EFFECTS = Int32Array.from({ length: 256 }, (_, byte) => {
  let effect = byte;
  for (let bit = 0; bit < 8; bit++) effect = effect & 1 ? POLYNOMIAL ^ (effect >>> 1) : effect >>> 1;
  return effect;
});

/**
 * As zlib's `crc32` (RFC 1952, section 8) of a text in UTF-8, which may go on from the sum of what stands before it. For the
 * few ASCII characters of a cursor a call of that one costs more than its work.
 */
export function crc32(text: string, before = 0): number {
  let sum = ~before;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return crc32OfAny(text, before);
    sum = (EFFECTS[(sum ^ code) & 0xff] as number) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}
