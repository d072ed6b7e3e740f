import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually } from '../../support/eventually.ts';
import { send } from '../../support/messages.ts';
import { createPeople, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer, tokenOf } from '../../support/server.ts';
import { cursorOf, follow } from '../../support/subscriber.ts';

const LIMITS = {
  MAX_SOCKET_OPERATIONS: '4',
  MAX_SOCKET_SUBSCRIPTIONS: '2',
  MAX_VIEWER_SOCKETS: '3',
  MAX_VIEWER_SUBSCRIPTIONS: '3',
};
const IMPATIENT = { SOCKET_INIT_TIMEOUT_MS: '1000', SOCKET_IDLE_TIMEOUT_MS: '500' };

let server: TestServer;
let impatient: TestServer;
let [alice, bob] = [] as unknown as [Person, Person];
beforeAll(async () => {
  server = await startTestServer({ environment: LIMITS });
  impatient = await startTestServer({ environment: IMPATIENT, database: server });
  [alice, bob] = await createPeople(server, 'alice', 'bob');
});
afterAll(async () => {
  await impatient[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Below the level of graphql-ws' client. */
class RawSocket implements Disposable {
  readonly messages: { type: string; id?: string; payload?: unknown }[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor({ url }: TestServer = server) {
    this.socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    this.closed = once(this.socket, 'close').then(([code]) => code as number);
    this.socket.on('message', (text) => this.messages.push(JSON.parse(String(text))));
  }

  async open(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  async signIn({ name }: Person): Promise<this> {
    await this.open();
    this.send({ type: 'connection_init', payload: { authorization: `Bearer ${await tokenOf(name)}` } });
    await eventually(
      () => this.messages[0]?.type === 'connection_ack' || this.socket.readyState === WebSocket.CLOSED,
    );
    return this;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  ask(id: string, query: string): void {
    this.send({ type: 'subscribe', id, payload: { query } });
  }

  /** The first message about operation `id`. */
  async answer(id: string) {
    return eventually(() => this.messages.find((message) => message.id === id) ?? false);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

const SUBSCRIBE = 'subscription { inbox { __typename } }';
/** From a known place: without one it begins where the log ends once the server looks, be that after what is sent next. */
const subscribeAfter = (cursor: string) => `subscription { inbox(after: "${cursor}") { __typename } }`;
const rateLimited = [{ extensions: { code: 'RATE_LIMITED' } }];

describe('a socket', () => {
  test('that does not say who it is closes with 4408', async () => {
    using socket = await new RawSocket(impatient).open();
    expect(await socket.closed).toBe(4408);
  });

  test('without any operation closes as idle, with a code that clients take for no fault', async () => {
    using socket = await new RawSocket(impatient).signIn(alice);
    expect(await socket.closed).toBe(1000);
  });

  test('with a subscription stays, however little happens, and is idle when that ends', async () => {
    using socket = await new RawSocket(impatient).signIn(alice);
    using idle = await new RawSocket(impatient).signIn(alice);
    socket.ask('1', subscribeAfter(await cursorOf(alice.client)));
    expect(await idle.closed).toBe(1000);
    await send(bob, alice, 'awake?');
    expect(await socket.answer('1')).toMatchObject({ type: 'next' });
    socket.send({ type: 'complete', id: '1' });
    expect(await socket.closed).toBe(1000);
  });

  test('takes so many subscriptions, and again one when one has ended', async () => {
    const subscribe = subscribeAfter(await cursorOf(alice.client));
    using socket = await new RawSocket().signIn(alice);
    for (const id of ['1', '2', '3']) socket.ask(id, subscribe);
    expect(await socket.answer('3')).toMatchObject({ type: 'error', payload: rateLimited });
    socket.send({ type: 'complete', id: '1' });
    socket.ask('4', subscribe);
    await send(bob, alice, 'to two');
    expect(await socket.answer('2')).toMatchObject({ type: 'next' });
    expect(await socket.answer('4')).toMatchObject({ type: 'next' });
    expect(socket.messages.filter(({ id }) => id === '1')).toEqual([]);
  });

  test('gets a place back from each subscription that is called off while it begins', async () => {
    const [dora] = await createPeople(server, 'dora');
    using socket = await new RawSocket().signIn(dora);
    for (let id = 1; id <= 10; id++) {
      socket.ask(`${id}`, SUBSCRIBE);
      socket.send({ type: 'complete', id: `${id}` });
    }
    const subscribe = subscribeAfter(await cursorOf(dora.client));
    await send(bob, dora, 'there?');
    let id = 10;
    await eventually(async () => {
      socket.ask(`${++id}`, subscribe);
      return (await socket.answer(`${id}`)).type === 'next';
    });
  });

  test('takes so many operations, also from a client that calls off each one that it has begun', async () => {
    const holder = await server.pool.connect();
    using socket = await new RawSocket().signIn(alice);
    try {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE');
      for (let id = 1; id <= 5; id++) {
        socket.ask(`${id}`, '{ unreadCount }');
        socket.send({ type: 'complete', id: `${id}` });
      }
      socket.ask('6', '{ unreadCount }');
      expect(await socket.answer('6')).toMatchObject({ type: 'error', payload: rateLimited });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    // Those that were under way may still be a moment from their end.
    let id = 6;
    await eventually(async () => {
      socket.ask(`${++id}`, '{ unreadCount }');
      return (await socket.answer(`${id}`)).type === 'next';
    });
  });
});

describe('a viewer', () => {
  test('has so many sockets, the next is told to come later, and comes in when one has gone', async () => {
    const [carol] = await createPeople(server, 'carol');
    const sockets = await Promise.all([1, 2, 3].map(() => new RawSocket().signIn(carol)));
    for (const socket of sockets) socket.ask('1', SUBSCRIBE);
    using fourth = await new RawSocket().signIn(carol);
    expect(await fourth.closed).toBe(1013);
    sockets[0]?.socket.close();
    await sockets[0]?.closed;
    using fifth = await new RawSocket().signIn(carol);
    expect(fifth.messages).toMatchObject([{ type: 'connection_ack' }]);
    for (const socket of sockets) socket[Symbol.dispose]();
  });

  test('has so many subscriptions, over sockets and event streams together', async () => {
    const [dave] = await createPeople(server, 'dave');
    await using first = await follow(dave.client);
    await using second = await follow(dave.client, { over: 'Server-Sent Events' });
    await using third = await follow(dave.client, { over: 'Server-Sent Events' });
    await eventually(async () => /^parley_subscriptions 3$/m.test(await metrics()));
    await using fourth = await follow(dave.client, { over: 'Server-Sent Events' });
    await fourth.end();
    expect(fourth.errors).toMatchObject(rateLimited);
    await using onSocket = await follow(dave.client);
    await eventually(() => onSocket.errors.length > 0);
    expect(Object.keys(onSocket.errors[0]?.extensions ?? {})).toEqual(['code']);

    second.drop();
    await eventually(async () => /^parley_subscriptions 2$/m.test(await metrics()));
    await using again = await follow(dave.client, { over: 'Server-Sent Events' });
    await eventually(async () => /^parley_subscriptions 3$/m.test(await metrics()));
    expect([first, third, again].flatMap(({ errors }) => errors)).toEqual([]);
  });
});

const metrics = async () => (await fetch(new URL('/metrics', server.url))).text();
