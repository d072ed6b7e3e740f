import type { PersonName } from './people.ts';
import { dayAt, minutesBefore } from './time.ts';

/** When a scene starts, given when the one before it ended. */
type Start = (last: Date, now: Date) => Date;

export interface Line {
  readonly sender: PersonName;
  readonly receiver: PersonName;
  readonly text: string;
  readonly isRead: boolean;
}

/** Messages within minutes of each other. */
export interface Scene {
  readonly start: Start;
  readonly lines: readonly Line[];
}

const START_FORMS: readonly [RegExp, (...found: string[]) => Start][] = [
  [/^(\d+) days? ago, (\d\d):(\d\d)$/, (n, h, m) => (_, now) => dayAt(now, -Number(n), Number(h), Number(m))],
  [/^(\d+) days? later, (\d\d):(\d\d)$/, (n, h, m) => (last) => dayAt(last, Number(n), Number(h), Number(m))],
  [/^same day, (\d\d):(\d\d)$/, (h, m) => (last) => dayAt(last, 0, Number(h), Number(m))],
  [/^next day, (\d\d):(\d\d)$/, (h, m) => (last) => dayAt(last, 1, Number(h), Number(m))],
  [/^(\d+) minutes ago$/, (n) => (_, now) => minutesBefore(now, Number(n))],
];

/**
 * Reads a conversation as it is written down in `conversations/`:
 *
 *     @ 12 days ago, 19:40     a scene; also `same day, 21:05`, `next day, 08:10`, `3 days later, 12:00`,
 *     alice: Hello!            and `15 minutes ago`
 *     bob: One line,
 *       and another.           two spaces continue a message; so does a blank line before them
 *     *alice: Not read yet.
 *
 * @throws Error naming the line that is none of these, or is said by someone else
 */
export function parseScript(between: readonly [PersonName, PersonName], script: string): Scene[] {
  const scenes: { start: Start; lines: Line[] }[] = [];
  let blankLines = 0;
  for (const written of script.split('\n')) {
    if (written.trim() === '') {
      blankLines++;
      continue;
    }
    const lines = scenes.at(-1)?.lines;
    const before = written.startsWith('  ') ? lines?.pop() : undefined;
    if (written.startsWith('@ ')) {
      scenes.push({ start: parseStart(written.slice(2)), lines: [] });
    } else if (lines && before) {
      lines.push({ ...before, text: before.text + '\n'.repeat(blankLines + 1) + written.slice(2) });
    } else {
      const [, unread, name, text] = /^(\*?)(\w+): (.+)$/.exec(written) ?? [];
      const sender = between.find((person) => person === name);
      if (!lines || !sender || text === undefined)
        throw new Error(`Not a line between ${between.join(' and ')}: ${written}`);
      const receiver = sender === between[0] ? between[1] : between[0];
      lines.push({ sender, receiver, text, isRead: unread === '' });
    }
    blankLines = 0;
  }
  return scenes;
}

function parseStart(written: string): Start {
  for (const [form, start] of START_FORMS) {
    const found = form.exec(written);
    if (found) return start(...found.slice(1));
  }
  throw new Error(`Not a time at which a scene starts: ${written}`);
}
