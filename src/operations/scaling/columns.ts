import Table from 'cli-table3';

/** Terminals have at least so many. */
const SCREEN_COLUMNS = 80;
const LABEL_COLUMNS = 12;
const GAP = 2;

const LINES = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
  ['', '-mid', '-left', '-right'].map((end) => side + end),
);
const WITHOUT_LINES = { ...Object.fromEntries(LINES.map((line) => [line, ''])), middle: '' };
const WITHOUT_COLOURS = { head: [], border: [] };

/** Rows below each other, as wide as they are. */
export function columns(rows: readonly string[][], aligns: ('left' | 'right')[]): string {
  const table = new Table({
    chars: WITHOUT_LINES,
    style: { ...WITHOUT_COLOURS, 'padding-left': GAP, 'padding-right': 0 },
    colAligns: aligns,
  });
  table.push(...rows);
  return text(table);
}

/** Texts beside their labels, broken between words to fit a terminal. */
export function paragraphs(rows: readonly [label: string, text: string][]): string {
  const table = new Table({
    chars: WITHOUT_LINES,
    style: { ...WITHOUT_COLOURS, 'padding-left': 0, 'padding-right': GAP },
    colWidths: [LABEL_COLUMNS, SCREEN_COLUMNS + GAP - LABEL_COLUMNS],
    wordWrap: true,
  });
  table.push(...rows);
  return text(table);
}

const text = (table: Table.Table) => table.toString().replaceAll(/ +$/gm, '');
