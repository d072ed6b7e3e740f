/** Cuts a list into consecutive parts of these lengths. */
export function inParts<Item>(items: readonly Item[], lengths: readonly number[]): readonly Item[][] {
  let from = 0;
  return lengths.map((length) => {
    const part = items.slice(from, from + length);
    from += length;
    return part;
  });
}
