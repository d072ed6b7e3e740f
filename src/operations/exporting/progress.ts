import { progressBar } from '../../lib/progress-bar.ts';

const REDRAW_INTERVAL_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

/** How far an export is: a bar on the terminal, where there is one that the data do not go to. */
export class Progress {
  /** Messages. */
  count = 0;
  #expected = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  readonly #visible: boolean;

  constructor(toStandardOutput: boolean) {
    this.#visible = process.stderr.isTTY && !(toStandardOutput && process.stdout.isTTY);
  }

  /** @param messages about how many there will be */
  expect(messages: number): void {
    this.#expected = messages;
    this.add(0);
  }

  add(messages: number): void {
    this.count += messages;
    const now = performance.now();
    if (!this.#visible || now < this.#drawnAt + REDRAW_INTERVAL_MS) return;
    this.#drawnAt = now;
    // It is an estimate: there may be more.
    const all = Math.max(this.#expected, this.count, 1);
    process.stderr.write(`${CLEAR_LINE}${progressBar(this.count, all)} ${messagesOf(this.count)}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#visible) process.stderr.write(CLEAR_LINE);
  }
}

/** `1 message`, `1,234 messages` */
export function messagesOf(count: number): string {
  return `${count.toLocaleString('en')} message${count === 1 ? '' : 's'}`;
}
