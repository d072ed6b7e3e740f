const CELLS = 30;

/** How far something has come, as a bar for one line of a terminal. */
export function progressBar(done: number, all: number): string {
  return '█'.repeat(Math.round((CELLS * done) / all)).padEnd(CELLS, '░');
}
