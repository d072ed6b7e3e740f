import type { HintBus } from '../messaging/ports.ts';

type Listener = Parameters<HintBus['subscribe']>[0];

/** Those in this process who want to hear of news. */
export class Listeners {
  readonly #all: Listener[] = [];

  add(listener: Listener): void {
    this.#all.push(listener);
  }

  tell(...news: Parameters<Listener>): void {
    for (const listener of this.#all) listener(...news);
  }
}
