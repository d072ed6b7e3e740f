/**
 * Collects the calls of one turn of the event loop and answers them by one call of `load`, at most `maxSize` at a
 * time. `load` returns one result for each item, in their order; if it throws, each caller of that batch gets the error.
 */
export function batchPerTick<Item, Result>(
  load: (items: readonly Item[]) => Promise<readonly Result[]>,
  maxSize: number,
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];

  async function flush(batch: readonly Waiting[]) {
    try {
      const results = await load(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => {
        resolve(results[i] as Result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function flushAll() {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += maxSize) void flush(all.slice(from, from + maxSize));
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length === 1) setImmediate(flushAll);
    });
}
