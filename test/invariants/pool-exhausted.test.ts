import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { problemsIn } from '../support/inbox-invariants.ts';
import { waitingForLocks, withHeadLocked } from '../support/locks.ts';
import { SEND, send } from '../support/messages.ts';
import { createPeople, onNode, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { follow } from '../support/subscriber.ts';

const POOL_SIZE = 3;
const WAIT_MS = 1_000;
/** Beyond the wait, what everything else takes, on a busy machine. */
const GRACE_MS = 1_500;

/** Long enough that each send is a statement of its own. */
const ALONE = 'x'.repeat(2_001);

let server: TestServer;
/** Another node, with connections of its own. */
let other: TestServer;
let [alice, bob, carol, dave] = [] as unknown as [Person, Person, Person, Person];
beforeAll(async () => {
  server = await startTestServer({
    environment: {
      DATABASE_POOL_SIZE: String(POOL_SIZE),
      DATABASE_POOL_WAIT_MS: String(WAIT_MS),
      DATABASE_LOCK_TIMEOUT_MS: '30000',
      DATABASE_STATEMENT_TIMEOUT_MS: '30000',
    },
  });
  other = await startTestServer({ database: server });
  // On a busy machine the first connections may take longer than a request waits here.
  [alice, bob, carol, dave] = await eventually(() => createPeople(server, 'alice', 'bob', 'carol', 'dave'));
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const ask = ({ client }: Person, { id }: Person, messageText: string) =>
  client.ask(SEND, { input: { receiverId: id, messageText } });

async function health(which: 'live' | 'ready'): Promise<number> {
  return (await fetch(new URL(`/health/${which}`, server.url))).status;
}

test('with every connection held, requests are told so within the wait, the process lives, and all is well once they are free', async () => {
  await using followed = await follow(carol.client);
  await using followedBySse = await follow(carol.client, { over: 'Server-Sent Events' });
  await send(alice, bob, 'so that there is a log');
  let held: Promise<Answer>[] = [];
  await withHeadLocked(server.pool, bob, async () => {
    held = Array.from({ length: POOL_SIZE }, (_, i) => ask(alice, bob, `held ${i} ${ALONE}`));
    await eventually(async () => (await waitingForLocks(server.pool)).length === POOL_SIZE);

    const asked = performance.now();
    const refused = await Promise.all([
      ask(dave, carol, 'refused'),
      bob.client.ask('{ unreadCount }'),
      bob.client.ask('{ inboxCursor conversations { edges { node { unreadCount } } } }'),
      bob.client.ask('{ user(username: "nobody") { id } }'),
    ]);
    expect(performance.now() - asked).toBeLessThan(WAIT_MS + GRACE_MS);
    for (const { errors } of refused)
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE']);
    expect(await health('live')).toBe(200);
    expect(await health('ready')).toBe(503);
    // Another node is none the worse for it.
    await send(onNode(dave, other), carol, 'elsewhere');
    expect(await waitingForLocks(server.pool)).toHaveLength(POOL_SIZE);
  });

  for (const answer of await Promise.all(held)) expect(answer.errors).toBeUndefined();
  // An answer of readiness stands for a second.
  await eventually(async () => (await health('ready')) === 200);
  await send(dave, carol, 'and on');
  for (const recording of [followed, followedBySse]) {
    expect(await recording.reaches(2)).toMatchObject([
      { message: { messageText: 'elsewhere' } },
      { message: { messageText: 'and on' } },
    ]);
    expect(recording.errors).toEqual([]);
  }
  expect(await problemsIn(server.pool)).toEqual([]);
});
