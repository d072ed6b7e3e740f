import { describe, expect, test } from '@jest/globals';
import { Cleanup } from '../../src/lib/cleanup.ts';

describe('Cleanup', () => {
  test('closes the last first, one after the other', async () => {
    const order: string[] = [];
    const cleanup = new Cleanup();
    for (const name of ['first', 'second'])
      cleanup.defer(async () => {
        order.push(`${name} begins`);
        await new Promise(setImmediate);
        order.push(`${name} ends`);
      });
    await cleanup[Symbol.asyncDispose]();
    expect(order).toEqual(['second begins', 'second ends', 'first begins', 'first ends']);
  });

  test('gives back what it is to close', () => {
    const resource = { [Symbol.asyncDispose]: async () => {} };
    expect(new Cleanup().use(resource)).toBe(resource);
  });

  test('closes the others even if one fails, synchronously or later, and tells of the first failure', async () => {
    const closed: string[] = [];
    const cleanup = new Cleanup();
    cleanup.defer(async () => closed.push('a'));
    cleanup.use({
      [Symbol.asyncDispose]() {
        throw new Error('the second to be closed');
      },
    });
    cleanup.defer(async () => closed.push('b'));
    cleanup.defer(() => Promise.reject(new Error('the first to be closed')));
    await expect(cleanup[Symbol.asyncDispose]()).rejects.toThrow('the first to be closed');
    expect(closed).toEqual(['b', 'a']);
  });

  test('closes everything once', async () => {
    let times = 0;
    const cleanup = new Cleanup();
    cleanup.defer(async () => times++);
    await cleanup[Symbol.asyncDispose]();
    await cleanup[Symbol.asyncDispose]();
    expect(times).toBe(1);
  });
});
