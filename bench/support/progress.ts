import { progressBar } from '../../src/lib/progress-bar.ts';

const { stderr } = process;

/** One line that shows how far a phase is; on a terminal a bar that moves. */
export class Progress {
  #phase = '';

  begin(phase: string): void {
    this.end();
    this.#phase = phase;
    if (stderr.isTTY) this.show(0, 1);
    else stderr.write(`${phase}\n`);
  }

  show(done: number, all: number): void {
    if (!stderr.isTTY) return;
    stderr.write(`\r\x1b[K${progressBar(done, all)} ${this.#phase}${done > 0 ? ` ${done}` : ''}`);
  }

  end(): void {
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  }
}
