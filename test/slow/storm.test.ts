import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Crowd } from '../../bench/sockets/load/crowd.ts';
import { Ledger } from '../../bench/sockets/load/ledger.ts';
import { Sender } from '../../bench/sockets/load/sender.ts';
import { startSending } from '../../bench/sockets/load/steady-sending.ts';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { metric } from '../support/metric.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { createUsers, tokenOf } from '../support/server.ts';

const SOCKETS = 500;
const MESSAGES_A_SECOND = 200;
const TIMEOUT_MS = 60_000;

let database: TestDatabase;
let server: NodeProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startNodeProcess(database.url);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Waits until the server follows this many inboxes. */
async function follows(count: number): Promise<void> {
  await eventually(
    async () => {
      expect(await metric(server.url, 'parley_subscriptions')).toBe(count);
    },
    { withinMs: 20_000 },
  );
}

test(
  `${SOCKETS} sockets that break and resume at once, while messages are sent, lose nothing and get nothing twice`,
  async () => {
    const names = Array.from({ length: SOCKETS }, (_, i) => `reader-${i}`);
    const rows = await createUsers(database.pool, 'writer', ...names);
    const url = server.url.replace(/^http/, 'ws');
    const faults = new Set<string>();
    const onFault = (fault: string) => faults.add(fault);
    const ledger = new Ledger(SOCKETS);
    const crowd = await Crowd.of({ url, names, ledger, onFault });
    const sender = await Sender.connect(url, `Bearer ${await tokenOf('writer')}`);
    const addresses = rows.slice(1).map((row) => encodeGlobalId('User', row));
    const sending = { senders: [sender], addresses, ledger, onFault };
    const everythingArrives = () => eventually(() => ledger.outstanding === 0, { withinMs: 20_000 });

    // One message each, so that everyone has a cursor.
    await crowd.connect(SOCKETS);
    await follows(SOCKETS);
    await startSending(sending, SOCKETS, SOCKETS).done;
    await everythingArrives();

    const steady = startSending(sending, MESSAGES_A_SECOND);
    await eventually(() => steady.count > 20);
    crowd.drop();
    await eventually(() => steady.count > 120, { withinMs: 20_000 });
    await crowd.connectAtOnce();
    await follows(SOCKETS);
    await steady.stop();
    await everythingArrives();

    expect({ lost: ledger.lost, repeated: ledger.repeated }).toEqual({ lost: 0, repeated: 0 });
    expect(ledger.caughtUp).toBeGreaterThanOrEqual(80);
    expect([...faults]).toEqual([]);
    crowd.drop();
    sender.close();
  },
  TIMEOUT_MS,
);
