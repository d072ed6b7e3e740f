import { createHash } from 'node:crypto';

const MINUTE_MS = 60_000;

/** A time of day, in the machine's time zone, so many days after (or, negative, before) the day of `date`. */
export function dayAt(date: Date, days: number, hours: number, minutes: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hours, minutes);
}

export function minutesBefore(date: Date, minutes: number): Date {
  return new Date(date.getTime() - minutes * MINUTE_MS);
}

/** At least 0 and below 1, spread evenly over different seeds, and always the same for the same one. */
export function jitter(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32;
}
