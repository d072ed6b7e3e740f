/** A promise that can be kept with one value only: who is able to take everything back need not wait for it. */
export interface Expecting<Value> extends Promise<Value> {
  readonly expected: Value;
}

/** @param expected what `promise` gives, unless it is rejected */
export function expecting<Value>(expected: Value, promise: Promise<Value>): Expecting<Value> {
  return Object.assign(promise, { expected });
}
