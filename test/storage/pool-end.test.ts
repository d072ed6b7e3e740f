import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startNodeProcess } from '../support/node-process.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

test('a stopping server does not wait for a database that no longer answers', async () => {
  await using node = await startNodeProcess(database.url, { EVENT_BUS: 'memory' });
  // A connection may still be at work when the server is ready.
  const rows = await eventually(async () => {
    const idle = await database.pool.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley' AND state = 'idle'",
    );
    return idle.rows.length > 0 && idle.rows;
  });
  for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
  try {
    node.kill('SIGTERM');
    let ended = false;
    void node.exited.then(() => {
      ended = true;
    });
    await eventually(() => ended, { withinMs: 20_000 });
    expect(await node.exited).toEqual({ code: 0, signal: null });
  } finally {
    for (const { pid } of rows) process.kill(pid, 'SIGCONT');
  }
});
