import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { createUsers } from '../support/server.ts';
import { sampled } from './sampled.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await createUsers(database.pool, 'ann');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

/** Passes connections on to the database, until it is told to be silent. */
async function startProxy() {
  const { hostname, port } = new URL(database.url);
  const open: Socket[] = [];
  const server = createServer((inner) => {
    const outer = connect(Number(port), hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.push(from);
      from.pipe(to);
      from.on('error', () => {});
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(database.url);
  url.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: url.href,
    silence() {
      for (const socket of open) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a database that has fallen silent does not keep the process', async () => {
  await using proxy = await startProxy();
  await using node = await startNodeProcess(proxy.url, {
    SHUTDOWN_TIMEOUT_MS: '300',
    SHUTDOWN_SPREAD_MS: '0',
  });
  const ann = new TestClient(node.url, 'ann');
  await ann.data('{ viewer { id } }');
  proxy.silence();
  const asking = ann.ask('{ conversations { edges { cursor } } }');
  asking.catch(() => {});
  await eventually(
    async () =>
      (await sampled(node, 'parley_database_connections')) >
      (await sampled(node, 'parley_database_connections_idle')),
  );
  // The timeout for what runs, and the grace for what is closed: 2 s.
  const asked = performance.now();
  node.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(10_000);
  await expect(asking).rejects.toThrow();
});
