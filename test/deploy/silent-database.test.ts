import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { portOf } from '../support/database-url.ts';
import { eventually } from '../support/eventually.ts';
import { metric } from '../support/metric.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { createUsers } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await createUsers(database.pool, 'ann');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test('a database that has fallen silent does not keep the process', async () => {
  await using network = await startTcpProxy(portOf(database.url));
  await using node = await startNodeProcess(network.reroute(database.url), {
    SHUTDOWN_TIMEOUT_MS: '300',
    SHUTDOWN_SPREAD_MS: '0',
  });
  const ann = new TestClient(node.url, 'ann');
  await ann.data('{ viewer { id } }');
  network.drop();
  const asking = ann.ask('{ conversations { edges { cursor } } }');
  asking.catch(() => {});
  await eventually(
    async () =>
      (await metric(node.url, 'parley_database_connections')) >
      (await metric(node.url, 'parley_database_connections_idle')),
  );
  // The timeout for what runs, and the grace for what is closed: 2 s.
  const asked = performance.now();
  node.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(10_000);
  await expect(asking).rejects.toThrow();
});
