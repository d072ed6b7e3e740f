import { randomUUID } from 'node:crypto';
import type { UserId } from '../messaging/ids.ts';
import type { HintBus } from '../messaging/ports.ts';
import { listen } from './listen.ts';
import { Listeners } from './listeners.ts';
import { Outage, type OutageReports } from './outage.ts';
import { Outbox } from './outbox.ts';

const CHANNEL = 'parley_inbox';
/** A payload has less than 8,000 bytes: 37 for the node, up to 11 for each user. */
const MAX_USERS_A_PAYLOAD = 700;

export interface PostgresBusOptions extends OutageReports {
  readonly directUrl: string;
  /** Runs `SELECT pg_notify(channel, payload)`. */
  readonly notify: (channel: string, payload: string) => Promise<unknown>;
}

/**
 * Hints between processes by LISTEN and NOTIFY. NOTIFY is sent after the write's commit and in a transaction of its
 * own: inside the write it would make all commits wait for each other. A node that is alone with its database notifies
 * nobody: each NOTIFY is a transaction, and wakes all who listen.
 */
export function postgresBus({ directUrl, notify, ...reports }: PostgresBusOptions): HintBus {
  const node = randomUUID();
  const listeners = new Listeners();
  const outage = new Outage(reports);
  /** As long as it is not known, others are thought to be there. */
  let alone = false;
  /** Whether others have been heard since they were last looked for: they may have come while that was under way. */
  let heard = false;

  const outbox = new Outbox(async (users) => {
    try {
      await notify(CHANNEL, `${node}:${users}`);
      outage.end('NOTIFY');
    } catch (error) {
      outage.begin('NOTIFY', error);
    }
  }, MAX_USERS_A_PAYLOAD);

  const listening = listen({
    url: directUrl,
    channel: CHANNEL,
    // So that the others do not think any longer that they are alone.
    greeting: `${node}:`,
    onPayload(payload) {
      const [from, users = ''] = payload.split(':');
      if (from === node) return;
      alone = false;
      heard = true;
      if (users !== '') listeners.tell(users.split(',').map((user) => Number(user) as UserId));
    },
    onOthers(listen) {
      alone = !listen && !heard;
      heard = false;
    },
    onConnected() {
      outage.end('LISTEN');
      listeners.tell('everyone');
    },
    onError(error) {
      // Who comes now is not heard.
      alone = false;
      outage.begin('LISTEN', error);
    },
  });

  return {
    publish(users) {
      listeners.tell(users);
      if (!alone) outbox.put(users);
    },
    subscribe: (listener) => listeners.add(listener),
    // One channel for all: who follows where is not worth a statement.
    watch() {},
    unwatch() {},
    async [Symbol.asyncDispose]() {
      outage[Symbol.dispose]();
      await Promise.all([listening[Symbol.asyncDispose](), outbox.emptied()]);
    },
  };
}
