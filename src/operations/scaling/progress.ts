import { progressBar } from '../../lib/progress-bar.ts';

const { stderr } = process;
const CLEAR_LINE = '\r\x1b[K';
/** Where nobody watches a bar, a line tells of each such part. */
const PARTS = 10;

/** How far a long command is: a bar on a terminal, else a line now and then. */
export class Progress implements Disposable {
  #step = '';
  #part = 0;

  /** @param done of the step, from 0 to 1 */
  show(step: string, done: number): void {
    const part = Math.floor(done * PARTS);
    if (stderr.isTTY) stderr.write(`${CLEAR_LINE}${progressBar(done, 1)} ${step}`);
    else if (step !== this.#step) stderr.write(`${step}\n`);
    else if (part > this.#part) stderr.write(`${step}: ${(100 * part) / PARTS} %\n`);
    this.#part = step === this.#step ? Math.max(part, this.#part) : part;
    this.#step = step;
  }

  /** What has no end that is known; only where somebody watches. */
  count(text: string): void {
    if (stderr.isTTY) stderr.write(`${CLEAR_LINE}${text}`);
  }

  tell(line: string): void {
    stderr.write(`${stderr.isTTY ? CLEAR_LINE : ''}${line}\n`);
  }

  [Symbol.dispose](): void {
    if (stderr.isTTY) stderr.write(CLEAR_LINE);
  }
}
