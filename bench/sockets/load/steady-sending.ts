import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../../support/clock.ts';
import { type Ledger, writeText } from './ledger.ts';
import type { Sender } from './sender.ts';

const TICK_MS = 5;
/** Of all senders together; a socket of Parley takes 100. */
const MAX_IN_FLIGHT = 64;
const RETRY_PAUSE_MS = 100;

export interface Sending {
  readonly senders: readonly Sender[];
  /** How `sendMessage` names each receiver. */
  readonly addresses: readonly string[];
  readonly ledger: Ledger;
  readonly onFault: (fault: string) => void;
}

/**
 * Sends to one receiver after the other, `rate` messages a second as far as the server keeps up, and to none a second
 * message before the first is acknowledged: so each is sent its messages in a known order. Whose turn it is has nothing
 * to do with who connects first: else those who are away would be left out. @returns what stops it.
 */
export function startSending(sending: Sending, rate: number, most = Number.POSITIVE_INFINITY) {
  const { senders, addresses, ledger, onFault } = sending;
  const busy = new Set<number>();
  const startedAt = performance.now();
  let stopped = false;
  const order = shuffle(addresses.keys());
  let started = 0;

  async function sendOne(receiver: number): Promise<void> {
    busy.add(receiver);
    const text = writeText({
      number: ledger.send(receiver),
      sentAt: now(),
    });
    const key = randomUUID();
    const sender = senders[started % senders.length] as Sender;
    for (;;) {
      try {
        await sender.send(addresses[receiver] as string, text, key);
        break;
      } catch (error) {
        onFault(`send: ${(error as Error).message}`);
        await delay(RETRY_PAUSE_MS);
      }
    }
    busy.delete(receiver);
  }

  async function keepSending(): Promise<void> {
    while (!stopped && started < most) {
      const due = Math.min(most, ((performance.now() - startedAt) / 1_000) * rate);
      while (started < due && busy.size < MAX_IN_FLIGHT) {
        const receiver = order[started % order.length] as number;
        if (busy.has(receiver)) break;
        started++;
        void sendOne(receiver);
      }
      await delay(TICK_MS);
    }
    while (busy.size > 0) await delay(TICK_MS);
  }

  const done = keepSending();
  return {
    /** Resolves when `most` have been sent and acknowledged. */
    done,
    /** Resolves when what has been sent is acknowledged. */
    async stop(): Promise<void> {
      stopped = true;
      await done;
    },
    get count() {
      return started;
    },
  };
}

/** In an order by chance. */
function shuffle(items: Iterable<number>): number[] {
  return Array.from(items, (item) => ({ item, lot: Math.random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ item }) => item);
}
