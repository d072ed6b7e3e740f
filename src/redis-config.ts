import { VARIABLES, type Values } from './environment.ts';
import { ConfigError } from './lib/environment-variable.ts';

export type EventBus =
  | { readonly kind: 'memory' | 'postgres' }
  | { readonly kind: 'redis'; readonly url: string };

/** @throws ConfigError when it needs a Redis, and none is named */
export function eventBusOf(value: Values): EventBus {
  const kind = value.EVENT_BUS ?? (value.DATABASE_URL === undefined ? 'memory' : 'postgres');
  return kind === 'redis' ? { kind, url: redisUrl(value, 'EVENT_BUS=redis') } : { kind };
}

/** Where messages are kept besides; `null` unless they are cached. @throws ConfigError when no Redis is named */
export function cacheUrlOf(value: Values): string | null {
  return value.READ_STRATEGY === 'cached' ? redisUrl(value, 'READ_STRATEGY=cached') : null;
}

function redisUrl({ REDIS_URL: url }: Values, setting: string): string {
  if (url === undefined)
    throw new ConfigError(`REDIS_URL is missing; with ${setting} it takes ${VARIABLES.REDIS_URL.takes}.`);
  return url;
}
