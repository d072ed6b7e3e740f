import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf } from '../support/subscriber.ts';

const ROWS = 10_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Lean: what counts here is which events come. */
const QUERY = `subscription ($after: String) {
  inbox(after: $after) { cursor ... on MessageSent { message { messageText } } }
}`;

interface Sent {
  readonly cursor: string;
  readonly message: { readonly messageText: string };
}

async function takeAll({ client }: Person, after: string): Promise<Sent[]> {
  const device = await client.socket();
  const taken: Sent[] = [];
  for await (const { data } of device.iterate<{ inbox: Sent }>({ query: QUERY, variables: { after } })) {
    taken.push(data?.inbox as Sent);
    if (taken.length === ROWS) break;
  }
  await device.dispose();
  return taken;
}

test('10,000 rows inserted by one statement reach both sides, complete and in order', async () => {
  const [alice, bob] = await createPeople(server, 'alice', 'bob');
  const receiving = [];
  for (const person of [alice, bob]) receiving.push(takeAll(person, await cursorOf(person.client)));

  await server.pool.query(
    `INSERT INTO messages (sender_id, receiver_id, message_text)
     SELECT $1, $2, i FROM generate_series(1, $3::int) i ORDER BY i`,
    [alice.row, bob.row, ROWS],
  );

  for (const events of await Promise.all(receiving)) {
    expect(events.map(({ message }) => Number(message.messageText))).toEqual(
      Array.from({ length: ROWS }, (_, i) => i + 1),
    );
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(ROWS);
  }
  expect(await bob.client.data('{ unreadCount }')).toEqual({ unreadCount: ROWS });
}, 150_000);
