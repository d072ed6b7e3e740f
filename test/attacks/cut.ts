const MAX_CHARACTERS = 62;

/** What an attack has said or heard, short enough for a cell of a table and without what a terminal would obey. */
export function cut(text: string): string {
  const characters = [...text.replace(/[\p{Cc}\p{Cf}]/gu, ' ')];
  return characters.length > MAX_CHARACTERS
    ? `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`
    : characters.join('');
}
