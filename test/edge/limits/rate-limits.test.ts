import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { send } from '../../support/messages.ts';
import { createPeople, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { overSocket } from '../../support/transports.ts';

const RATES = {
  RATE_LIMITS: 'on',
  RATE_LIMIT_QUERIES: '12',
  RATE_LIMIT_QUERY_COST: '1000',
  RATE_LIMIT_MUTATIONS: '3',
  RATE_LIMIT_SUBSCRIPTIONS: '2',
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ environment: RATES });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const metrics = async () => (await fetch(new URL('/metrics', server.url))).text();

const limited = { extensions: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) } };

/** Asks until it is refused. @returns how often it was answered before, and the refusal. */
async function untilLimited({ client }: Person, query: string) {
  for (let answered = 0; answered < 50; answered++) {
    const response = await client.post({ query });
    const { errors } = await response.json();
    if (errors !== undefined) return { answered, errors, response };
  }
  throw new Error('never limited');
}

describe('beyond their rate', () => {
  test('queries are RATE_LIMITED with the time to wait, as HTTP says it too', async () => {
    const [alice] = await createPeople(server, 'alice');
    const { answered, errors, response } = await untilLimited(alice, '{ unreadCount }');
    // One was asked when she was made.
    expect(answered).toBe(11);
    expect(errors).toMatchObject([limited]);
    const { retryAfterMs } = errors[0].extensions;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBe(Math.ceil(retryAfterMs / 1_000));
  });

  test('costly queries are, though they are few', async () => {
    const [alice] = await createPeople(server, 'alice');
    const costly = '{ conversations(first: 100) { edges { node { unreadCount } } } }';
    const { answered, errors } = await untilLimited(alice, costly);
    expect(answered).toBe(3);
    expect(errors).toMatchObject([limited]);
  });

  test('sends are, and nothing of them is written', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    for (let i = 0; i < 3; i++) await send(alice, bob, `${i}`);
    await expect(send(alice, bob, 'one too many', 'key')).rejects.toThrow('RATE_LIMITED');
    const { rows } = await server.pool.query('SELECT FROM messages WHERE sender_id = $1', [alice.row]);
    expect(rows).toHaveLength(3);
  });

  test('subscriptions are, on a socket like everywhere, and those that run go on', async () => {
    const [alice, bob] = await createPeople(server, 'alice', 'bob');
    const socket = await alice.client.socket();
    const subscribe = { query: 'subscription { inbox { __typename } }' };
    const running = [socket.iterate(subscribe), socket.iterate(subscribe)];
    const events = running.map((each) => each.next());
    await eventually(async () => /^parley_subscriptions 2$/m.test(await metrics()));
    expect((await overSocket(socket)(subscribe)).errors).toMatchObject([limited]);
    await send(bob, alice, 'still there?');
    for (const event of events)
      expect((await event).value).toEqual({ data: { inbox: { __typename: 'MessageSent' } } });
    await socket.dispose();
  });
});

test('each user has their own, and each kind of operation', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  await untilLimited(alice, '{ unreadCount }');
  await send(alice, bob, 'a mutation');
  expect((await bob.client.ask('{ unreadCount }')).data).toEqual({ unreadCount: 1 });
});

test('where they are off, and by default outside of production, nothing is limited', async () => {
  await using unlimited = await startTestServer({
    environment: { RATE_LIMIT_QUERIES: '1' },
    database: server,
  });
  const [alice] = await createPeople(unlimited, 'alice');
  for (let i = 0; i < 5; i++) await alice.client.data('{ unreadCount }');
});

test('they are on in production, unless they are set to off', async () => {
  const production = { NODE_ENV: 'production', RATE_LIMIT_QUERIES: '2' };
  await using on = await startTestServer({ environment: production, database: server });
  const [alice] = await createPeople(on, 'alice');
  expect((await untilLimited(alice, '{ unreadCount }')).answered).toBe(1);

  await using off = await startTestServer({
    environment: { ...production, RATE_LIMITS: 'off' },
    database: server,
  });
  const again = new TestClient(off.url, alice.name);
  for (let i = 0; i < 5; i++) await again.data('{ unreadCount }');
});
