export interface BatchOptions<Item> {
  /** Items that one call of `load` gets at most. */
  readonly maxSize: number;
  /** Items of one tick with the same key are loaded once. */
  readonly key: (item: Item) => string;
}

/**
 * Collects the calls of one turn of the event loop and answers them by one call of `load` for each `maxSize` different
 * items. `load` returns one result for each item, in their order; if it throws, each caller of that batch gets the error.
 */
export function batchPerTick<Item, Result>(
  load: (items: readonly Item[]) => Promise<readonly Result[]>,
  { maxSize, key }: BatchOptions<Item>,
): (item: Item) => Promise<Result> {
  type Caller = { readonly resolve: (result: Result) => void; readonly reject: (error: unknown) => void };
  type Waiting = { readonly item: Item; readonly callers: Caller[] };
  let waiting = new Map<string, Waiting>();

  async function flush(batch: readonly Waiting[]) {
    try {
      const results = await load(batch.map(({ item }) => item));
      for (const [i, { callers }] of batch.entries())
        for (const { resolve } of callers) resolve(results[i] as Result);
    } catch (error) {
      for (const { callers } of batch) for (const { reject } of callers) reject(error);
    }
  }

  function flushAll() {
    const all = [...waiting.values()];
    waiting = new Map();
    for (let from = 0; from < all.length; from += maxSize) void flush(all.slice(from, from + maxSize));
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.size === 0) setImmediate(flushAll);
      const known = waiting.get(key(item));
      if (known) known.callers.push({ resolve, reject });
      else waiting.set(key(item), { item, callers: [{ resolve, reject }] });
    });
}
