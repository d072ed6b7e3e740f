/** Removes up to `count` of the set's oldest members, and gives them. */
export function take<T>(set: Set<T>, count: number): T[] {
  const taken: T[] = [];
  for (const member of set) {
    if (taken.length === count) break;
    taken.push(member);
    set.delete(member);
  }
  return taken;
}
