import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTimestamp, parseTimestamp, timestampFromPostgres } from '../../src/lib/rfc3339.ts';

const date = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const microseconds = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'));
const secondsOf = (moment: Date) => moment.toISOString().slice(0, 19);

describe('parseTimestamp', () => {
  test('keeps each microsecond', () => {
    fc.assert(
      fc.property(date, microseconds, (moment, fraction) => {
        const text = `${secondsOf(moment)}.${fraction}Z`;
        expect(parseTimestamp(text)).toBe(text);
        expect(isTimestamp(text)).toBe(true);
      }),
    );
  });

  test('gives the same moment for every offset that it is written with', () => {
    const minutes = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 });
    fc.assert(
      fc.property(date, microseconds, minutes, (moment, fraction, offset) => {
        const local = secondsOf(new Date(moment.getTime() + offset * 60_000));
        const [hours, rest] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
        const sign = offset < 0 ? '-' : '+';
        const suffix = `${sign}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        expect(parseTimestamp(`${local}.${fraction}${suffix}`)).toBe(`${secondsOf(moment)}.${fraction}Z`);
      }),
    );
  });

  test.each([
    ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000000Z'],
    ['2026-11-22t10:00:00z', '2026-11-22T10:00:00.000000Z'],
    ['2026-11-22T10:00:00.5Z', '2026-11-22T10:00:00.500000Z'],
    ['2026-11-22T10:00:00.123456789Z', '2026-11-22T10:00:00.123456Z'],
    ['2026-01-01T00:30:00+01:00', '2025-12-31T23:30:00.000000Z'],
    ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000000Z'],
  ])('%s is %s', (text, timestamp) => {
    expect(parseTimestamp(text)).toBe(timestamp);
  });

  test.each([
    '',
    'now',
    '2026-11-22',
    '2026-11-22 10:00:00Z',
    '2026-11-22T10:00:00',
    '2026-11-22T10:00Z',
    '2026-11-22T10:00:00.Z',
    '2026-02-29T10:00:00Z',
    '2026-02-31T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22T10:00:61Z',
    '2026-11-22T10:00:00+24:00',
    '2026-11-22T10:00:00+01:60',
    '2026-11-22T10:00:00+0100',
    ' 2026-11-22T10:00:00Z',
    '2026-11-22T10:00:00Z\n',
    '+12026-11-22T10:00:00Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00+23:59',
  ])('refuses %j', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });

  test('gives nothing but what isTimestamp knows, whatever it is asked', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const timestamp = parseTimestamp(text);
        expect(timestamp === null || isTimestamp(timestamp)).toBe(true);
      }),
    );
  });
});

describe('timestampFromPostgres', () => {
  test("reads PostgreSQL's text, which leaves out zeros at the end", () => {
    fc.assert(
      fc.property(date, microseconds, (moment, fraction) => {
        const shortened = `.${fraction}`.replace(/\.?0+$/, '');
        const text = `${secondsOf(moment).replace('T', ' ')}${shortened}+00`;
        expect(timestampFromPostgres(text)).toBe(`${secondsOf(moment)}.${fraction}Z`);
      }),
    );
  });

  test('refuses one that is not in UTC, which would be a wrong setting of the session', () => {
    expect(() => timestampFromPostgres('2026-11-22 10:00:00+01')).toThrow(/in UTC/);
  });
});
