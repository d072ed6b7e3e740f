/** Cells longer than this are cut. */
const MAX_CELL_CHARACTERS = 62;
const GAP = ' | ';

/** Lines of a table with columns as wide as their longest cell. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map(cut));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => [...(row[column] ?? '')].length)));
  const [first = '', ...rest] = cells.map((row) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join(GAP),
  );
  return [first, widths.map((width) => '-'.repeat(width)).join('-+-'), ...rest];
}

function cut(cell: string): string {
  const characters = [...cell.replace(/[\p{Cc}\p{Cf}]/gu, ' ')];
  return characters.length > MAX_CELL_CHARACTERS
    ? `${characters.slice(0, MAX_CELL_CHARACTERS - 1).join('')}…`
    : characters.join('');
}

const BAR_CELLS = 30;

/** Draws over one line of a terminal how far a run has come; draws nothing elsewhere. */
export function drawProgress(done: number, total: number, what: string): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round((done / total) * BAR_CELLS);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_CELLS - filled);
  process.stderr.write(`\r\x1b[K[${bar}] ${done}/${total} ${cut(what)}${done === total ? '\r\x1b[K' : ''}`);
}
