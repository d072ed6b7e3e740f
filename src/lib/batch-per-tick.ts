export interface BatchOptions<Item> {
  /** How much one call of `load` gets at most; an item that alone is more goes alone. */
  readonly maxSize: number;
  /** How much an item counts; 1 where nothing is said. */
  readonly sizeOf?: (item: Item) => number;
  /** Items that wait at the same time with the same key are loaded once; those without one each for itself. */
  readonly key?: (item: Item) => string | undefined;
}

/** While `load` is busy, others wait for it, but not longer: it may be a slow call. */
const PATIENCE_MS = 5;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the calls of one turn of the event loop, and those that come while `load` is busy, and answers them by as few
 * calls of `load` as `maxSize` lets. So who is alone is not kept waiting, and the more there are the more share a call.
 * `load` returns one result for each item, in their order; if it throws, each caller of that batch gets the error.
 */
export function batchPerTick<Item, Result>(
  load: (items: readonly Item[]) => Promise<readonly Result[]>,
  { maxSize, sizeOf = () => 1, key }: BatchOptions<Item>,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  /** Who wait for the same wait for one promise. */
  let byKey = new Map<string, Promise<Result>>();
  let running = 0;
  let impatience: NodeJS.Timeout | undefined;

  async function flush(batch: readonly Waiting<Item, Result>[]) {
    running++;
    try {
      const results = await load(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running--;
      // Not at once: those who have just been answered may ask for more.
      if (waiting.length > 0) setImmediate(flushWhenFree);
    }
  }

  function flushWhenFree() {
    if (running === 0) flushAll();
    else impatience ??= setTimeout(flushAll, PATIENCE_MS);
  }

  function flushAll() {
    clearTimeout(impatience);
    impatience = undefined;
    const all = waiting;
    waiting = [];
    byKey = new Map();
    for (const batch of split(all, maxSize, ({ item }) => sizeOf(item))) void flush(batch);
  }

  return (item) => {
    const name = key?.(item);
    const known = name === undefined ? undefined : byKey.get(name);
    if (known !== undefined) return known;
    if (waiting.length === 0) setImmediate(flushWhenFree);
    const result = new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
    });
    if (name !== undefined) byKey.set(name, result);
    return result;
  };
}

function split<Item>(
  items: readonly Item[],
  maxSize: number,
  sizeOf: (item: Item) => number,
): readonly (readonly Item[])[] {
  const parts: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room || parts.length === 0) {
      parts.push([]);
      room = maxSize;
    }
    parts.at(-1)?.push(item);
    room -= size;
  }
  return parts;
}
