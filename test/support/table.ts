import { markdownTable } from 'markdown-table';

/** Aligned for a terminal, and Markdown all the same; columns of numbers stand to the right, with their units. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const texts = rows.map((row) => row.map(String));
  const align = head.map((_, column) =>
    texts.every((row) => /^([\d-]|$)/.test(row[column] ?? '')) ? 'r' : 'l',
  );
  return `${markdownTable([head, ...texts], { align })}\n`;
}
