import { beforeEach, expect, test } from '@jest/globals';
import { Ledger, readText, writeText } from '../../bench/sockets/load/ledger.ts';

const [NOW, CONNECTED_AT] = [2_000, 1_000];

let ledger: Ledger;
beforeEach(() => {
  ledger = new Ledger(2);
});

/** Sends `count` messages to this receiver, who gets those with these numbers. */
function exchange(receiver: number, count: number, numbers: readonly number[], sentAt = 1_500): void {
  for (let i = 0; i < count; i++) ledger.send(receiver);
  for (const number of numbers) ledger.receive(receiver, { number, sentAt }, NOW, CONNECTED_AT);
}

const verdict = () => ({ lost: ledger.lost, repeated: ledger.repeated });

test('everything once and in order is fine', () => {
  exchange(0, 3, [1, 2, 3]);
  exchange(1, 2, [1, 2]);
  expect(verdict()).toEqual({ lost: 0, repeated: 0 });
  expect(ledger.outstanding).toBe(0);
  expect(ledger.deliveries).toHaveLength(5);
  expect(ledger.deliveries[0]).toEqual({ sentAt: 1_500, ms: 500 });
});

test('what has not come is lost', () => {
  exchange(0, 3, [1, 2]);
  expect(ledger.outstanding).toBe(1);
  expect(verdict()).toEqual({ lost: 1, repeated: 0 });
});

test('what was passed over is lost', () => {
  exchange(0, 3, [1, 3]);
  expect(ledger.outstanding).toBe(0);
  expect(verdict()).toEqual({ lost: 1, repeated: 0 });
});

test('what comes twice is repeated', () => {
  exchange(0, 2, [1, 2, 2]);
  expect(verdict()).toEqual({ lost: 0, repeated: 1 });
});

test('what comes after a later one is both', () => {
  exchange(0, 2, [2, 1]);
  expect(verdict()).toEqual({ lost: 1, repeated: 1 });
});

test('what was sent before its receiver was back is counted as caught up', () => {
  exchange(0, 1, [1], 999);
  exchange(1, 1, [1], 1_001);
  expect(ledger.caughtUp).toBe(1);
});

test('a new account forgets the old one, and takes no late message for a new one', () => {
  exchange(0, 2, [1]);
  ledger.startAgain();
  exchange(0, 1, [2, 3]);
  expect(verdict()).toEqual({ lost: 0, repeated: 1 });
});

test('a text says which message it is', () => {
  expect(readText(writeText({ number: 7, sentAt: 1.5 }))).toEqual({ number: 7, sentAt: 1.5 });
});
