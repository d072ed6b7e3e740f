/** One writing of a value that later writes replace. */
export interface Assignment<Value> {
  readonly value: Value;
  readonly begunAt: number;
  /** After this it has no effect any more; infinite while that is not known. */
  readonly finishedAt: number;
  /** It has happened for certain. */
  readonly certain: boolean;
}

/**
 * Whether the last value can be this one: somebody wrote it, and no other value was for certain begun to be written
 * after that had finished. (A register, as in M. Herlihy and J. Wing, "Linearizability", 1990.)
 */
export function canEndAs<Value>(last: Value, assignments: readonly Assignment<Value>[]): boolean {
  return assignments.some(
    ({ value, finishedAt }) =>
      value === last &&
      !assignments.some((other) => other.certain && other.value !== last && other.begunAt > finishedAt),
  );
}
