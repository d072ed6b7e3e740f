import { progressBar } from '../../../src/lib/progress-bar.ts';

/** Tells how far a run is: a bar that stays in its place on a terminal, else a line a round. */
export class Progress {
  constructor(
    private readonly output: NodeJS.WriteStream,
    private readonly total: number,
  ) {}

  /** `line` is about the round that has just ended. */
  advance(done: number, line: string): void {
    if (!this.output.isTTY) {
      this.output.write(`${line}\n`);
      return;
    }
    const text = `${progressBar(done, this.total)} ${done}/${this.total}  ${line}`;
    this.output.write(`\r\x1b[2K${text.slice(0, this.output.columns - 1)}`);
    if (done === this.total) this.output.write('\n');
  }

  /** What is to stay: on a terminal the bar goes on below it. */
  keep(text: string): void {
    this.output.write(`${this.output.isTTY ? '\r\x1b[2K' : ''}${text}\n`);
  }
}
