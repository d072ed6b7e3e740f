import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { waitingForLocks } from '../support/locks.ts';
import { insertMessages } from '../support/messages.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';

/** Of a node that waits less than others. */
const LOCK_TIMEOUT_MS = 1_000;
/** Connections: the fewest that there can be. */
const POOL_SIZE = 2;
const REPORT = `{
  messageReport(since: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", interval: DAY) { messages }
}`;

let server: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  server = await startTestServer({ environment: { DATABASE_POOL_SIZE: String(POOL_SIZE) } });
  [alice, bob] = await createPeople(server, 'alice', 'bob');
  await insertMessages(server.pool, alice, bob, ['2026-01-15T00:00:00Z']);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function report({ client } = alice): Promise<Answer> {
  const authorization = `Bearer ${await tokenOf(alice.name, { admin: true })}`;
  return (await (await client.post({ query: REPORT }, { authorization })).json()) as Answer;
}

/** Reports cannot read while `act` runs. */
async function withMessagesLocked<Result>(act: () => Promise<Result>): Promise<Result> {
  const client = await server.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE messages');
    return await act();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

test('a report that the database keeps waiting is UNAVAILABLE, and not tried again by itself', async () => {
  const environment = { DATABASE_LOCK_TIMEOUT_MS: String(LOCK_TIMEOUT_MS) };
  await using impatient = await startTestServer({ database: server, environment });
  const begun = performance.now();
  expect(await withMessagesLocked(() => report(onNode(alice, impatient)))).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'UNAVAILABLE' } }],
  });
  expect(performance.now() - begun).toBeLessThan(2 * LOCK_TIMEOUT_MS);
});

test('of many reports one runs at a time; the others wait for their turn, and nobody else for them', async () => {
  const asked = await withMessagesLocked(async () => {
    const answers = Promise.all(Array.from({ length: 3 * POOL_SIZE }, () => report()));
    const running = async () => (await waitingForLocks(server.pool)).length;
    await eventually(async () => (await running()) === 1);
    const others = Array.from({ length: 10 }, () => bob.client.data('{ unreadCount }'));
    expect(await Promise.all(others)).toEqual(others.map(() => ({ unreadCount: 1 })));
    expect(await running()).toBe(1);
    return { answers };
  });
  for (const answer of await asked.answers)
    expect(answer).toEqual({ data: { messageReport: [{ messages: 1 }] } });
});
