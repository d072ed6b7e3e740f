import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { SEND } from '../support/messages.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { createUsers } from '../support/server.ts';
import { follow } from '../support/subscriber.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await createUsers(database.pool, 'ann', 'ben');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test('behind a load balancer: not ready for SHUTDOWN_DELAY_MS, while it still takes whatever comes', async () => {
  await using node = await startNodeProcess(database.url, { SHUTDOWN_DELAY_MS: '5000' });
  const [ann, ben] = ['ann', 'ben'].map((name) => new TestClient(node.url, name)) as [TestClient, TestClient];
  const asked = performance.now();
  node.kill('SIGTERM');
  const readiness = () => fetch(new URL('/health/ready', node.url));
  const response = await eventually(async () => {
    const found = await readiness();
    return found.status === 503 && found;
  });
  expect(await response.json()).toEqual({ status: 'not ready', reason: 'The server is stopping.' });
  // Its clients take their next request elsewhere.
  expect(response.headers.get('connection')).toBe('close');

  expect(await ann.data('{ viewer { username } }')).toEqual({ viewer: { username: 'ann' } });
  const recordings = await Promise.all([follow(ben), follow(ben, { over: 'Server-Sent Events' })]);
  const input = { receiverId: await ann.idOf('ben'), messageText: 'still here' };
  await ann.data(SEND, { input });
  for (const recording of recordings) await recording.reaches(1);
  // Had this machine been too slow, the test would have shown nothing.
  expect(performance.now() - asked).toBeLessThan(5_000);
  expect(recordings.map(({ ended }) => ended)).toEqual([false, false]);

  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeGreaterThan(5_000);
  for (const recording of recordings) await recording.end();
  expect(recordings[0]?.closeCode).toBe(1001);
});
