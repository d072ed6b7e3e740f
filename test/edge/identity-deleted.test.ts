import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { TestClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { markRead, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { cursorOf, follow, type Transport } from '../support/subscriber.ts';
import { ask, refusedTo } from '../support/token-holder.ts';

/** A sweep a second, and what a busy machine needs beside it. */
const SOON = { withinMs: 3_000 };

// Two nodes that hear nothing of each other: each has to find out by itself.
let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  const environment = { EVENT_BUS: 'memory' };
  server = await startTestServer({ environment });
  other = await startTestServer({ database: server, environment });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const sql = (text: string, ...values: unknown[]) => server.pool.query(text, values);
const deleteUser = ({ row }: Person) => sql('DELETE FROM users WHERE id = $1', row);

const REFUSED = { status: 401, code: 'UNAUTHENTICATED', challenge: 'Bearer error="invalid_token"' };

/** Waits until this token is refused as a whole on this node. */
async function becomesRefused(node: TestServer, sub: string, query?: string): Promise<void> {
  const authorization = `Bearer ${await tokenOf(sub, { admin: true })}`;
  await eventually(
    async () => expect(await refusedTo(node.url, authorization, query)).toEqual(REFUSED),
    SOON,
  );
}

/** The whole answer to a subscription, as an event stream, that is refused. */
async function refusalOfStream({ client }: Person, after: string | null): Promise<string> {
  const query = 'subscription ($after: String) { inbox(after: $after) { cursor } }';
  const response = await client.post({ query, variables: { after } }, { accept: 'text/event-stream' });
  return response.text();
}

/** An open socket without any operation on it. @returns with which code it has been closed, `null` while it is open. */
async function idleSocket(client: TestClient) {
  const state: { closeCode: number | null } = { closeCode: null };
  const socket = await client.socket({
    lazy: false,
    onNonLazyError: () => {},
    on: {
      closed: (event) => {
        state.closeCode = (event as CloseEvent).code;
      },
    },
  });
  await socket.iterate({ query: '{ __typename }' }).next();
  return state;
}

describe.each<Transport>(['sockets', 'Server-Sent Events'])('open subscriptions over %s', (over) => {
  test.each([
    ['who has messages', true],
    ['who has none', false],
  ])(
    'of a user %s end when they are deleted, on every node, and those of others go on',
    async (_, writes) => {
      const [ann, ben] = await createPeople(server, 'ann', 'ben');
      if (writes) await send(ann, ben, 'hello');
      const onOther = new TestClient(other.url, ann.name);
      const anns = [
        await follow(ann.client, { over }),
        await follow(ann.client, { over, after: null }),
        await follow(onOther, { over }),
      ];
      await using bens = await follow(ben.client, { over });

      await deleteUser(ann);

      for (const recording of anns) {
        await eventually(() => recording.ended, SOON);
        if (over === 'sockets') await eventually(() => recording.closeCode === CloseCode.Forbidden, SOON);
        else expect(recording.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
        // A client that is told so loads again and again.
        expect(JSON.stringify(recording.errors)).not.toContain('RESYNC_REQUIRED');
        expect(recording.events).toEqual([]);
      }
      const [carl] = await createPeople(server, 'carl');
      const { id } = await send(carl, ben, 'still there?');
      await bens.until((events) =>
        events.some((event) => event.__typename === 'MessageSent' && event.message?.id === id),
      );
      expect(bens.errors).toEqual([]);
    },
  );

  test('cannot be begun by a deleted user, with a cursor or without', async () => {
    const [ann] = await createPeople(server, 'ann');
    const after = await cursorOf(ann.client);
    await deleteUser(ann);
    for (const cursor of [after, null]) {
      const recording = await follow(ann.client, { over, after: cursor });
      await eventually(() => recording.ended, SOON);
      if (over === 'sockets') await eventually(() => recording.closeCode === CloseCode.Forbidden, SOON);
      else expect(await refusalOfStream(ann, cursor)).toContain('UNAUTHENTICATED');
      expect(JSON.stringify(recording.errors)).not.toContain('RESYNC_REQUIRED');
      expect(recording.events).toEqual([]);
    }
  });
});

test('a socket on which nothing goes on closes with 4403 when its user is deleted, on every node', async () => {
  const [ann, ben] = await createPeople(server, 'ann', 'ben');
  const anns = [await idleSocket(ann.client), await idleSocket(new TestClient(other.url, ann.name))];
  const bens = await idleSocket(ben.client);
  await deleteUser(ann);
  await eventually(() => anns.every(({ closeCode }) => closeCode === CloseCode.Forbidden), SOON);
  expect(bens.closeCode).toBeNull();
});

test('many sockets of as many deleted users close, and those of others stay', async () => {
  const names = Array.from({ length: 40 }, (_, i) => (i % 2 ? 'odd' : 'even'));
  const people = await createPeople(server, ...names);
  const sockets = await Promise.all(people.map(async ({ client }) => idleSocket(client)));
  const odd = people.filter(({ name }) => name.startsWith('odd')).map(({ row }) => row);
  await sql('DELETE FROM users WHERE id = ANY ($1)', odd);
  await eventually(() => {
    const closed = sockets.map(({ closeCode }) => closeCode);
    expect(closed).toEqual(people.map(({ name }) => (name.startsWith('odd') ? CloseCode.Forbidden : null)));
  }, SOON);
});

describe('a deleted user', () => {
  const REPORT =
    '{ messageReport(since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z", interval: DAY) { __typename } }';

  test.each([
    ['viewer', '{ viewer { id } }'],
    ['unreadCount', '{ unreadCount }'],
    ['conversations', '{ conversations { edges { cursor } } }'],
    ['inboxCursor', '{ inboxCursor }'],
    ['inboxCursor with data beside it', '{ inboxCursor unreadCount }'],
    ['another user', '{ user(username: "nobody") { id } }'],
    ['a node', `{ node(id: "${encodeGlobalId('User', '1')}") { id } }`],
    ['reports', REPORT],
    ['__typename', '{ __typename }'],
  ])('is refused with 401 soon: %s', async (_, query) => {
    const [ann] = await createPeople(server, 'ann');
    expect((await ask(other.url, `Bearer ${await tokenOf(ann.name, { admin: true })}`, query)).status).toBe(
      200,
    );
    await deleteUser(ann);
    await becomesRefused(server, ann.name, query);
    await becomesRefused(other, ann.name, query);
  });

  test.each([
    ['sends', (ann: Person, ben: Person) => send(ann, ben, 'from beyond')],
    ['marks as read', (ann: Person, ben: Person) => markRead(ann, ben)],
    [
      'asks for a conversation',
      (ann: Person, ben: Person) =>
        ann.client.data('query ($with: ID!) { conversation(with: $with) { id } }', { with: ben.id }),
    ],
  ])(
    'is UNAUTHENTICATED at once when they try what shows it, and then refused: who %s',
    async (_, attempt) => {
      const [ann, ben] = await createPeople(server, 'ann', 'ben');
      await deleteUser(ann);
      await expect(attempt(ann, ben)).rejects.toThrow('UNAUTHENTICATED');
      // The node has learned from it.
      expect(await refusedTo(server.url, `Bearer ${await tokenOf(ann.name)}`)).toEqual(REFUSED);
    },
  );

  test('who comes again under the same sub is another user, and finds nothing of the first', async () => {
    const provisioning = await startTestServer({
      database: server,
      environment: { AUTH_PROVISION_USERS: 'true' },
    });
    try {
      const [ann, ben] = await createPeople(provisioning, 'ann', 'ben');
      const { id } = await send(ben, ann, 'for the first one');
      const cursor = await cursorOf(ann.client);
      const socket = await idleSocket(ann.client);
      await deleteUser(ann);

      const second = await eventually(async () => {
        const { data } = await ann.client.ask('{ viewer { id } }');
        expect(data?.viewer?.id).toBeDefined();
        return data.viewer.id;
      }, SOON);
      expect(second).not.toBe(ann.id);
      expect(await ann.client.data('{ unreadCount conversations { edges { cursor } } }')).toEqual({
        unreadCount: 0,
        conversations: { edges: [] },
      });
      expect(await ann.client.data('query ($id: ID!) { message(id: $id) { id } }', { id })).toEqual({
        message: null,
      });
      await using recording = await follow(ann.client, { after: cursor });
      await recording.end();
      expect(recording.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      await eventually(() => socket.closeCode === CloseCode.Forbidden, SOON);
    } finally {
      await provisioning[Symbol.asyncDispose]();
    }
  });

  test('whose number is given to somebody else does not become that one', async () => {
    const [ann, ben] = await createPeople(server, 'ann', 'ben');
    const socket = await idleSocket(ann.client);
    const subscription = await follow(ann.client, { over: 'Server-Sent Events' });
    const client = await server.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('DELETE FROM users WHERE id = $1', [ann.row]);
      await client.query(`INSERT INTO users (id, external_id, username) VALUES ($1, $2, $2)`, [
        ann.row,
        `${ann.name}-heir`,
      ]);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
    await becomesRefused(server, ann.name);
    await eventually(() => socket.closeCode === CloseCode.Forbidden && subscription.ended, SOON);

    const heir = new TestClient(server.url, `${ann.name}-heir`);
    await send({ ...ben }, { ...ann, client: heir }, 'for the heir');
    expect((await heir.data('{ unreadCount }')).unreadCount).toBe(1);
    expect(subscription.events).toEqual([]);
  });
});

test('a user whose sub is changed is known by the new one alone, soon', async () => {
  const [ann] = await createPeople(server, 'ann');
  const socket = await idleSocket(ann.client);
  const subscription = await follow(ann.client, { over: 'Server-Sent Events' });
  await sql('UPDATE users SET external_id = $2 WHERE id = $1', ann.row, `${ann.name}-renamed`);
  await becomesRefused(server, ann.name);
  await eventually(() => socket.closeCode === CloseCode.Forbidden && subscription.ended, SOON);
  expect(subscription.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  const renamed = new TestClient(server.url, `${ann.name}-renamed`);
  expect((await renamed.data('{ viewer { id } }')).viewer.id).toBe(ann.id);
});

test('a change of the username is none of the identity', async () => {
  const [ann, ben] = await createPeople(server, 'ann', 'ben');
  const sockets = [await idleSocket(ann.client), await idleSocket(ben.client)];
  await sql('UPDATE users SET username = $2 WHERE id = $1', ann.row, `${ann.name}-married`);
  await deleteUser(ben);
  await eventually(() => sockets[1]?.closeCode === CloseCode.Forbidden, SOON);
  expect(sockets[0]?.closeCode).toBeNull();
  expect((await ann.client.data('{ viewer { username } }')).viewer.username).toBe(`${ann.name}-married`);
});
