import { memoryBus } from './bus/memory.ts';
import { postgresBus } from './bus/postgres.ts';
import { redisBus } from './bus/redis/bus.ts';
import type { Config } from './config.ts';
import type { Logger } from './lib/log.ts';
import type { HintBus } from './messaging/ports.ts';
import type { Database } from './open-database.ts';
import { NOTIFY } from './storage/statements/notify.ts';

/** The bus that EVENT_BUS names. */
export function openBus({ eventBus }: Config, { directUrl, executor }: Database, log: Logger): HintBus {
  const reports = {
    onLost: (error: unknown) =>
      log.warn({ err: error }, 'hints between nodes: lost; until they are back the sweep tells of news'),
    onBack: () => log.warn('hints between nodes: back'),
  };
  switch (eventBus.kind) {
    case 'memory':
      return memoryBus();
    case 'postgres':
      return postgresBus({
        directUrl,
        notify: (channel, payload) => executor.run(NOTIFY, [channel, payload]),
        ...reports,
      });
    case 'redis':
      return redisBus({ url: eventBus.url, ...reports });
  }
}
