import { parseArgs } from 'node:util';
import { parseTimestamp, type Timestamp } from '../../lib/rfc3339.ts';
import type { ExportRange } from '../../storage/message-export.ts';
import { FORMATS, type FormatName } from './formats.ts';

export interface ExportOptions {
  readonly range: ExportRange;
  readonly format: FormatName;
  /** A file that is to be made; `null` for the standard output. */
  readonly out: string | null;
}

const USAGE =
  'Usage: npm run -s export -- --since <time> [--until <time>] --format ndjson|csv [--out <new file>]';

const OPTIONS = {
  since: { type: 'string' },
  until: { type: 'string' },
  format: { type: 'string' },
  out: { type: 'string' },
} as const;

/** @throws one line that says what is wrong, and what would be right. */
export function readOptions(args: readonly string[]): ExportOptions {
  const given = parse(args);
  const since = time('since', given.since);
  const until = given.until === undefined ? null : time('until', given.until);
  if (until !== null && since >= until)
    throw new Error(`--until takes a time later than --since, ${since}, not ${until}.`);
  if (given.out === '') throw new Error('--out takes the name of a file that is not there yet.');
  return { range: { since, until }, format: formatOf(given.format), out: given.out ?? null };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    // Node.js adds a hint about another way to write it, which would be wrong here, too.
    const [problem] = (error as Error).message.split(/\.\s/);
    throw new Error(`${problem}. ${USAGE}`, { cause: error });
  }
}

function time(option: string, text: string | undefined): Timestamp {
  const found = text === undefined ? null : parseTimestamp(text);
  if (found !== null) return found;
  const takes = `--${option} takes a time by RFC 3339 in the years 0001 to 9999, such as 2026-11-22T10:00:00Z`;
  throw new Error(
    text === undefined ? `--${option} is missing. ${USAGE}` : `${takes}, not ${JSON.stringify(text)}.`,
  );
}

function formatOf(text: string | undefined): FormatName {
  if (text !== undefined && Object.hasOwn(FORMATS, text)) return text as FormatName;
  const takes = `--format takes ${Object.keys(FORMATS).join(' or ')}`;
  throw new Error(
    text === undefined ? `--format is missing. ${USAGE}` : `${takes}, not ${JSON.stringify(text)}.`,
  );
}
