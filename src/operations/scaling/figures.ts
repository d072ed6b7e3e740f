import prettyBytes from 'pretty-bytes';
import type { MessageCount } from '../../storage/scaling/message-count.ts';

// Figures for people, written alike everywhere.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const rough = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

const DAYS_A_YEAR = 365.25;
/** Beyond it a forecast says nothing. */
const FORESEEN_YEARS = 100;

/** A few a day are not rounded to none. */
export const number = (value: number) => (value < 10 ? tenths : whole).format(value);

/** In PostgreSQL's own units: its `MB` are MiB. */
export const bytes = (value: number) => prettyBytes(value, { binary: true, locale: 'en-US' });

/** 99.96 % is not all of them. */
export const percent = (share: number) => `${tenths.format(Math.floor(share * 1_000) / 10)} %`;

export const roughly = ({ count, certainty }: MessageCount) =>
  certainty === 'counted' ? number(count) : `about ${rough.format(count)}`;

export const messageCount = (messages: MessageCount) =>
  `${roughly(messages)} ${messages.count === 1 ? 'message' : 'messages'}`;

/** From now, as days or years. */
export function inDays(days: number): string {
  if (days < 2 * DAYS_A_YEAR) return `${number(days)} days`;
  const years = days / DAYS_A_YEAR;
  return years > FORESEEN_YEARS ? `more than ${FORESEEN_YEARS} years` : `${number(years)} years`;
}
