import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Unavailable } from '../../../src/messaging/errors.ts';
import type { UserId } from '../../../src/messaging/ids.ts';
import { normalizedReader } from '../../../src/storage/readers/normalized.ts';
import { Standby } from '../../../src/storage/replicas/standby.ts';
import { LOG_ENDS } from '../../../src/storage/statements/replication.ts';
import { portOf } from '../../support/database-url.ts';
import { eventually } from '../../support/eventually.ts';
import { type OwnCluster, startOwnCluster } from '../../support/own-cluster.ts';
import { startReplica, type TestReplica } from '../../support/replica.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { POOL_BOUNDS } from '../../support/test-pool.ts';

// Slow, not late: a cluster and its standby are started.
jest.setTimeout(90_000);

let primary: OwnCluster;
let replica: TestReplica;
let network: TcpProxy;
beforeAll(async () => {
  primary = await startOwnCluster();
  replica = await startReplica(primary);
  network = await startTcpProxy(portOf(replica.url));
});
afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});

let standby: Standby;
let reasons: unknown[];
beforeEach(() => {
  reasons = [];
  standby = new Standby({
    pool: { ...POOL_BOUNDS, url: network.reroute(replica.url), size: 2 },
    createReader: normalizedReader,
    onDistrust: (error) => reasons.push(error),
  });
});
afterEach(() => standby.cut(new Error('the test is over')));

const ask = () => standby.run(LOG_ENDS, [[1 as UserId]]);

describe('one run of a standby', () => {
  test('says what it is, and is not trusted before that is known to be right', async () => {
    const { rows } = await primary.pool.query('SELECT system_identifier AS id FROM pg_control_system()');
    expect(await standby.look()).toMatchObject({ isStandby: true, cluster: rows[0].id, timeline: 1 });
    expect(standby.isTrusted).toBe(false);
    standby.trust();
    expect(standby.isTrusted).toBe(true);
  });

  test('is distrusted once, however much fails', async () => {
    await standby.look();
    standby.trust();
    const [first, second] = [new Error('first'), new Error('second')];
    standby.distrust(first);
    standby.distrust(second);
    expect(reasons).toEqual([first]);
    expect(standby.isTrusted).toBe(false);
  });

  test('is not the next one: after kill -9 and a start no connection of it is opened again', async () => {
    await ask();
    standby.trust();
    await replica.kill();
    // Seen by a connection that had nothing to do.
    await eventually(() => !standby.isTrusted);
    await replica.restart();
    await expect(ask()).rejects.toThrow('Another server answers at this address.');
    await expect(standby.look()).rejects.toThrow('Another server answers at this address.');
  });

  test('cut off tells those who wait for it at once, and takes no more', async () => {
    await ask();
    network.drop();
    const waiting = [ask(), ask(), ask()];
    const begun = performance.now();
    const silent = new Error('silent');
    await Promise.all([standby.cut(silent), ...waiting.map((answer) => expect(answer).rejects.toBe(silent))]);
    expect(performance.now() - begun).toBeLessThan(POOL_BOUNDS.waitMs / 2);
    await expect(ask()).rejects.toThrow('left');
    standby.trust();
    expect(standby.isTrusted).toBe(false);
    await network.heal();
  });

  test('gives up a connection that has died unseen sooner than a statement may take', async () => {
    await ask();
    network.drop();
    const before = network.lostBytes;
    const waiting = expect(ask()).rejects.toThrow(Unavailable);
    await eventually(() => network.lostBytes > before);
    await network.heal();
    const begun = performance.now();
    await waiting;
    expect(performance.now() - begun).toBeLessThan(POOL_BOUNDS.statementTimeoutMs);
    expect(await ask()).toHaveLength(1);
  });
});
