import { expect, test } from '@jest/globals';
import { boundedReader } from '../../src/messaging/bounded-reader.ts';
import { QueryTooComplex } from '../../src/messaging/errors.ts';
import type { UserId } from '../../src/messaging/ids.ts';
import type { Message } from '../../src/messaging/model.ts';
import type { Page, PageRequest } from '../../src/messaging/page.ts';
import type { MessageReader } from '../../src/messaging/ports.ts';

const [VIEWER, PEER] = [1 as UserId, 2 as UserId];
const PAGE: PageRequest = { direction: 'forward', limit: 1, after: null, before: null };

/** Gives pages of one message when told to. */
class SlowReader {
  readonly started: (() => void)[] = [];
  reads = 0;
  running = 0;
  mostAtOnce = 0;

  constructor(private readonly messageText: string) {}

  readonly reader = {
    messagePage: async (): Promise<Page<Message>> => {
      this.reads++;
      this.running++;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
      await new Promise<void>((resolve) => this.started.push(resolve));
      this.running--;
      const items = [{ messageText: this.messageText } as Message];
      return { items, hasNextPage: false, hasPreviousPage: false };
    },
  } as unknown as MessageReader;
}

async function settle(slow: SlowReader, pages: readonly Promise<unknown>[]) {
  let settled = 0;
  for (const page of pages) page.catch(() => {}).finally(() => settled++);
  while (settled < pages.length) {
    slow.started.shift()?.();
    await new Promise(setImmediate);
  }
  return Promise.allSettled(pages);
}

const read = (reader: MessageReader, count: number) =>
  Array.from({ length: count }, () => reader.messagePage(VIEWER, PEER, PAGE));

test('four pages of one operation are read at a time, and all are', async () => {
  const slow = new SlowReader('x');
  const results = await settle(slow, read(boundedReader(slow.reader, 100), 20));
  expect(results.map(({ status }) => status)).toEqual(Array(20).fill('fulfilled'));
  expect(slow.mostAtOnce).toBe(4);
});

test('once their texts are too many, no more is read', async () => {
  const slow = new SlowReader('0123456789');
  const results = await settle(slow, read(boundedReader(slow.reader, 50), 20));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(QueryTooComplex);
  // Beside these five and the one too many, those that had begun when it was noticed.
  expect(slow.reads).toBeLessThanOrEqual(5 + 1 + 3);
  expect(slow.mostAtOnce).toBe(4);
});

test('a place that a failure leaves is free again', async () => {
  const failing = {
    messagePage: () => Promise.reject(new Error('away')),
  } as unknown as MessageReader;
  const results = await Promise.allSettled(read(boundedReader(failing, 100), 10));
  for (const result of results) expect(result).toMatchObject({ reason: { message: 'away' } });
});
