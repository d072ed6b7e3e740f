import { randomUUID } from 'node:crypto';
import type { UserId } from '../messaging/ids.ts';
import type { HintBus } from '../messaging/ports.ts';
import { listen } from './listen.ts';
import { Listeners } from './listeners.ts';

const CHANNEL = 'parley_inbox';
/** A payload has less than 8,000 bytes: 37 for the node, up to 11 for each user. */
const MAX_USERS_A_PAYLOAD = 700;

export interface PostgresBusOptions {
  readonly directUrl: string;
  /** Runs `SELECT pg_notify(channel, payload)`. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/**
 * Hints between processes by LISTEN and NOTIFY. NOTIFY is sent after the write's commit and in a transaction of its
 * own: inside the write it would make all commits wait for each other.
 */
export function postgresBus({ directUrl, notify, onError }: PostgresBusOptions): HintBus {
  const node = randomUUID();
  const listeners = new Listeners();
  let waiting = new Set<UserId>();
  let sending: Promise<void> | null = null;

  /** One statement at a time; what is published meanwhile goes with the next, each user once. */
  async function send() {
    while (waiting.size > 0) {
      const users = [...waiting];
      waiting = new Set();
      for (let from = 0; from < users.length; from += MAX_USERS_A_PAYLOAD)
        await notify(CHANNEL, `${node}:${users.slice(from, from + MAX_USERS_A_PAYLOAD)}`).catch(onError);
    }
    sending = null;
  }

  const listening = listen({
    url: directUrl,
    channel: CHANNEL,
    onPayload(payload) {
      const [from, users = ''] = payload.split(':');
      if (from !== node) listeners.tell(users.split(',').map((user) => Number(user) as UserId));
    },
    onConnected: () => listeners.tell('everyone'),
    onError,
  });

  return {
    publish(users) {
      listeners.tell(users);
      if (users.length === 0) return;
      for (const user of users) waiting.add(user);
      sending ??= send();
    },
    subscribe: (listener) => listeners.add(listener),
    async [Symbol.asyncDispose]() {
      await Promise.all([listening[Symbol.asyncDispose](), sending]);
    },
  };
}
