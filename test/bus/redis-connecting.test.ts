import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { redisBus } from '../../src/bus/redis/bus.ts';
import type { UserId } from '../../src/messaging/ids.ts';
import { describeUnless } from '../support/describe-unless.ts';
import { eventually } from '../support/eventually.ts';
import { noRedis } from '../support/redis-path.js';
import { startRedis, unusedPort } from '../support/redis-server.ts';
import { Ear, ids } from './contract.ts';

describeUnless(noRedis, 'Access to Redis is')('the Redis bus', () => {
  const connect = (url: string, reports: string[] = []) =>
    redisBus({ url, onLost: () => reports.push('lost'), onBack: () => reports.push('back') });

  test('says that Redis is lost once, however often it fails to connect', async () => {
    let tries = 0;
    const port = await unusedPort();
    const door = createServer((socket) => {
      tries++;
      socket.destroy();
    }).listen(port, '127.0.0.1');
    const reports: string[] = [];
    await using bus = connect(`redis://127.0.0.1:${port}`, reports);
    await eventually(() => tries >= 6);
    await bus[Symbol.asyncDispose]();
    door.close();
    expect(reports).toEqual(['lost']);
  });

  test('starts without Redis, can be closed, and is there when Redis comes', async () => {
    await using absent = await startRedis();
    await absent.kill();
    const reports: string[] = [];
    await using closed = connect(absent.url, reports);
    await eventually(() => reports.length === 1);
    await closed[Symbol.asyncDispose]();

    await using bus = connect(absent.url, reports);
    await using other = connect(absent.url);
    const ear = new Ear(bus);
    for (const user of ids(1, 10)) bus.watch(user);
    bus.publish(ids(1, 10));
    await eventually(() => reports.length === 2);
    ear.forget();
    await absent.restart();
    await ear.hears(ids(1, 10));
    ear.forget();
    await ear.comesToHear(ids(1, 1), other);
    // The other connection, over which it publishes, may be back later.
    await eventually(() => expect(reports).toEqual(['lost', 'lost', 'back']));
  });

  test('shows the password to nobody when it is refused', async () => {
    await using guarded = await startRedis({ settings: { requirepass: 'right' } });
    const errors: unknown[] = [];
    const url = guarded.url.replace('//', '//:a-wrong-password@');
    await using _ = redisBus({ url, onLost: (error) => errors.push(error), onBack: () => {} });
    await eventually(() => errors.length === 1);
    expect((errors[0] as Error).message).toMatch(/WRONGPASS/);
    expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain('a-wrong-password');
  });

  test('gets through with the right password, and with a database number, which makes no difference', async () => {
    await using guarded = await startRedis({ settings: { requirepass: 'p@ss' } });
    await using bus = connect(`${guarded.url.replace('//', '//default:p%40ss@')}/3`);
    await using other = connect(guarded.url.replace('//', '//:p%40ss@'));
    const ear = new Ear(bus);
    await ear.watch(ids(1, 1), { selective: true });
    await ear.comesToHear(ids(1, 1), other);
  });

  test('that is refused its channels says so once, and is there as soon as it is allowed them', async () => {
    await using guarded = await startRedis();
    const admin = new Redis(guarded.url);
    try {
      await admin.acl('SETUSER', 'parley', 'on', '>secret', '+@all', 'resetchannels');
      const reports: string[] = [];
      const errors: unknown[] = [];
      await using bus = redisBus({
        url: guarded.url.replace('//', '//parley:secret@'),
        onLost: (error) => errors.push(error) && reports.push('lost'),
        onBack: () => reports.push('back'),
      });
      const ear = new Ear(bus);
      bus.watch(1 as UserId);
      await eventually(() => reports.length === 1);
      expect(String(errors[0])).toMatch(/permission/);
      await admin.acl('SETUSER', 'parley', '&parley:inbox:*');
      ear.forget();
      // It tries again with its next heartbeat.
      await eventually(() => ear.has(ids(1, 1)), { withinMs: 10_000 });
      expect(reports).toEqual(['lost', 'back']);
    } finally {
      admin.disconnect();
    }
  });
});
