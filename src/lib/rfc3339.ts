const UTC_MICROSECONDS =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;
/** Every month has them. */
const COMMON_DAYS = 28;
const ANY_OFFSET = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** A time as RFC 3339 in UTC with microseconds, `2026-11-22T10:00:00.123456Z`. Never a `Date`: that has milliseconds. */
export type Timestamp = string;

/** True for exactly the form that this server prints, and a day that exists; PostgreSQL has no year 0. */
export function isTimestamp(text: string): text is Timestamp {
  if (!UTC_MICROSECONDS.test(text)) return false;
  const day = Number(text.slice(8, 10));
  // Of 31 February `Date` makes another day.
  return day <= COMMON_DAYS || new Date(`${text.slice(0, 19)}Z`).getUTCDate() === day;
}

/**
 * Any RFC 3339 time (section 5.6) as a `Timestamp`, or `null` when it is not one. Digits beyond microseconds are cut.
 */
export function parseTimestamp(text: string): Timestamp | null {
  const match = ANY_OFFSET.exec(text);
  if (match === null) return null;
  const [, day, clock, fraction = '', offset = ''] = match;
  const local = `${day}T${clock}`;
  // `Date` turns 31 February into March instead of refusing it.
  if (!isTimestamp(`${local}.000000Z`)) return null;
  const date = new Date(`${local}${offset.toUpperCase()}`);
  if (Number.isNaN(date.getTime())) return null;
  const timestamp = `${date.toISOString().slice(0, 19)}.${fraction.slice(1, 7).padEnd(6, '0')}Z`;
  return isTimestamp(timestamp) ? timestamp : null;
}

/** PostgreSQL's text for a `timestamptz` in a session with `TimeZone=UTC`, `DateStyle=ISO`, as a `Timestamp`. */
export function timestampFromPostgres(text: string): Timestamp {
  if (!text.endsWith('+00')) throw new Error(`Expected a timestamp in UTC, not "${text}"`);
  const fraction = text.slice(20, -3);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(6, '0')}Z`;
}
