import { randomUUID } from 'node:crypto';
import type { HintBus } from '../../messaging/ports.ts';
import { Listeners } from '../listeners.ts';
import { Outage, type OutageReports } from '../outage.ts';
import { openPublisher } from './publisher.ts';
import { Subscriber } from './subscriber.ts';

export interface RedisBusOptions extends OutageReports {
  /** `redis:`, or `rediss:` for TLS. */
  readonly url: string;
}

/**
 * Hints between processes by PUBLISH and SUBSCRIBE, with a channel for each user. While Redis is away what is published
 * is dropped; afterwards listeners are told of all who are watched.
 */
export function redisBus({ url, ...reports }: RedisBusOptions): HintBus {
  const node = randomUUID();
  const listeners = new Listeners();
  const outage = new Outage(reports);
  const publisher = openPublisher(url, node, outage);
  const subscriber = new Subscriber(url, outage, {
    onMessage(user, from) {
      if (from !== node) listeners.tell([user]);
    },
    onSubscribed: (users) => listeners.tell(users),
  });
  return {
    publish(users) {
      listeners.tell(users);
      publisher.publish(users);
    },
    subscribe: (listener) => listeners.add(listener),
    watch: (user) => subscriber.watch(user),
    unwatch: (user) => subscriber.unwatch(user),
    async [Symbol.asyncDispose]() {
      outage[Symbol.dispose]();
      await Promise.all([publisher[Symbol.asyncDispose](), subscriber[Symbol.asyncDispose]()]);
    },
  };
}
