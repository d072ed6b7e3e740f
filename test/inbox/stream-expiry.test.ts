import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import { TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { metric } from '../support/metric.ts';
import { createUsers, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { follow as followAnyhow } from '../support/subscriber.ts';
import { WallClock } from '../support/wall-clock.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await createUsers(server.pool, 'alice', 'bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Alice's inbox as an event stream, by a token that ends after `ttl`; what has come so far, and whether it is over. */
async function follow(ttl: string) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenOf('alice', { ttl })}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: 'subscription { inbox { __typename } }' }),
  });
  const stream = { text: '', over: false };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) stream.text += decoder.decode(chunk as Uint8Array);
    stream.over = true;
  })().catch(() => {});
  return stream;
}

const subscriptions = () => metric(server.url, 'parley_subscriptions');

test('an event stream ends with its token, and says so', async () => {
  const [short, long] = await Promise.all([follow('1m'), follow('1h')]);
  await eventually(async () => (await subscriptions()) === 2);
  await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT b.id, a.id, 'hello' FROM users a, users b WHERE a.username = 'alice' AND b.username = 'bob'`,
  );
  await eventually(() => short.text.includes('MessageSent') && long.text.includes('MessageSent'));
  expect(short.over).toBe(false);
  using clock = new WallClock();
  clock.jump(61_000);
  await eventually(() => short.over);
  expect(short.text.split('event: ').slice(-2).join()).toMatch(/"code":"UNAUTHENTICATED".*complete/s);

  expect(long.over).toBe(false);
  expect(await subscriptions()).toBe(1);
});

test('a clock that jumps by an hour, or a machine that wakes, ends within a second what has expired meanwhile', async () => {
  const bob = new TestClient(server.url, 'bob');
  const before = await subscriptions();
  const stream = await followAnyhow(bob, { over: 'Server-Sent Events' });
  const socket = await followAnyhow(bob, { over: 'sockets' });
  await eventually(async () => (await subscriptions()) === before + 2);
  using clock = new WallClock();
  // Their tokens are good for an hour.
  clock.jump(59 * 60_000);
  await bob.data('{ viewer { id } }');
  expect([stream.ended, socket.ended]).toEqual([false, false]);
  clock.jump(61_000);
  await eventually(() => stream.ended && socket.ended, { withinMs: 2_000 });
  expect(stream.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(socket.closeCode).toBe(CloseCode.Forbidden);
});
