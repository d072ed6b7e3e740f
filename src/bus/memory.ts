import type { HintBus } from '../messaging/ports.ts';
import { Listeners } from './listeners.ts';

/** Hints within this process; enough for one node. */
export function memoryBus(): HintBus {
  const listeners = new Listeners();
  return {
    publish: (users) => listeners.tell(users),
    subscribe: (listener) => listeners.add(listener),
    watch() {},
    unwatch() {},
    async [Symbol.asyncDispose]() {},
  };
}
