import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeOpaque, encodeOpaque } from '../../src/lib/opaque.ts';

const part = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('|') && text.isWellFormed());

describe('an opaque token', () => {
  test('gives back the parts that it was made of', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(decodeOpaque(encodeOpaque(...parts))).toEqual(parts);
      }),
    );
  });

  test('can stand in a URL as it is', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        expect(encodeOpaque(...parts)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('is of no use with one character changed, lost or added', () => {
    const token = encodeOpaque('inbox', 17, '2026-11-22T10:00:00.123456Z');
    expect(decodeOpaque(token)).not.toBeNull();
    for (let at = 0; at < token.length; at++) {
      for (const other of ['A', 'b', '7', '-', '_', '='])
        if (token[at] !== other)
          expect(decodeOpaque(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
      expect(decodeOpaque(token.slice(0, at) + token.slice(at + 1))).toBeNull();
      expect(decodeOpaque(`${token.slice(0, at)}A${token.slice(at)}`)).toBeNull();
    }
  });

  test('is never found in what somebody else has made up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeOpaque(text)).toBeNull();
        expect(decodeOpaque(Buffer.from(text).toString('base64url'))).toBeNull();
      }),
    );
  });

  test('has one spelling only', () => {
    const token = encodeOpaque('page', 1);
    for (const other of [
      `${token}=`,
      `${token}\n`,
      ` ${token}`,
      Buffer.from(token, 'base64url').toString('base64'),
    ])
      if (other !== token) expect(decodeOpaque(other)).toBeNull();
  });
});
