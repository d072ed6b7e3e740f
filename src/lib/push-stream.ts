import { Repeater } from '@repeaterjs/repeater';

/** Takes an item. @returns what resolves when the next one may come; nothing, if it may come at once */
export type Take<Item> = (item: Item) => Promise<unknown> | undefined;

/** A stream that gives its items to one taker, each when the one before it has been taken. */
export interface PushStream<Item> {
  /** To be called once. Resolves when nothing more comes. @throws what has broken the stream */
  run(take: Take<Item>): Promise<void>;
  /** Ends it, before it runs, too. Further calls do nothing. */
  close(): void;
}

/** The same stream for those who ask for each item. */
export function pulled<Item>(stream: PushStream<Item>): Repeater<Item, void, void> {
  const items = new Repeater<Item, void, void>(async (push, stop) => {
    void stop.then(() => stream.close());
    await stream.run(push);
    stop();
  });
  // Who leaves before the first item has begun nothing.
  items.return = async () => {
    stream.close();
    return Repeater.prototype.return.call(items);
  };
  return items;
}
