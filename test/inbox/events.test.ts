import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { markRead, send } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { cursorOf, follow, type Recording, type Transport } from '../support/subscriber.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const TRANSPORTS: Transport[] = ['sockets', 'Server-Sent Events'];

describe.each(TRANSPORTS)('over %s', (over) => {
  let [alice, bob]: Person[] = [];
  let opened: Recording[] = [];
  beforeAll(async () => {
    [alice, bob] = await createPeople(server, 'alice', 'bob');
  });
  afterAll(async () => {
    for (const recording of opened) await recording[Symbol.asyncDispose]();
    opened = [];
  });

  async function listen({ client }: Person, after?: string): Promise<Recording> {
    const recording = await follow(client, after === undefined ? { over } : { over, after });
    opened.push(recording);
    return recording;
  }

  const people = () => [alice, bob] as [Person, Person];

  test('a message reaches its receiver and every device of its sender', async () => {
    const [alice, bob] = people();
    const [phone, laptop, receiver] = [await listen(alice), await listen(alice), await listen(bob)];

    const message = await send(alice, bob, 'hello');

    for (const recording of [phone, laptop, receiver]) {
      const [event] = await recording.reaches(1);
      expect(event).toMatchObject({ __typename: 'MessageSent', message });
    }
  });

  test('a message does not reach anybody else', async () => {
    const [alice, bob] = people();
    const [carol, dave] = await createPeople(server, 'carol', 'dave');
    const carols = await listen(carol);
    const bobs = await listen(bob);

    await send(alice, bob, 'not for carol');
    await bobs.reaches(1);
    const message = await send(dave, carol, 'for carol');

    expect(await carols.reaches(1)).toMatchObject([{ message: { id: message.id } }]);
  });

  test('both learn what has been read, and by whom', async () => {
    const [alice, bob] = people();
    await markRead(bob, alice);
    await markRead(alice, bob);
    const [fromAlice, fromBob] = [await send(alice, bob, 'a question'), await send(bob, alice, 'an answer')];
    const [alices, bobs] = [await listen(alice), await listen(bob)];

    await markRead(bob, alice);
    await markRead(alice, bob);

    for (const recording of [alices, bobs])
      expect(await recording.reaches(2)).toMatchObject([
        {
          __typename: 'MessagesRead',
          reader: { username: bob.name },
          messages: [{ id: fromAlice.id, isRead: true }],
        },
        {
          __typename: 'MessagesRead',
          reader: { username: alice.name },
          messages: [{ id: fromBob.id, isRead: true }],
        },
      ]);
  });

  test('150 messages read at once come as two events, each message once', async () => {
    const [alice, bob] = people();
    await markRead(bob, alice);
    await server.pool.query(
      `INSERT INTO messages (sender_id, receiver_id, message_text) SELECT $1, $2, i FROM generate_series(1, 150) i`,
      [alice.row, bob.row],
    );
    const recording = await listen(alice);

    await markRead(bob, alice);

    const read = (await recording.reaches(2)).map((event) =>
      event.__typename === 'MessagesRead' ? event.messages : [],
    );
    expect(read.map(({ length }) => length)).toEqual([100, 50]);
    expect(new Set(read.flat().map(({ messageText }) => Number(messageText))).size).toBe(150);
  });

  test('who resumes sees messages as they are now, and null where one has been deleted since', async () => {
    const [alice, bob] = people();
    const start = await cursorOf(bob.client);
    const [edited, deleted] = [await send(alice, bob, 'one'), await send(alice, bob, 'two')];
    await markRead(bob, alice);
    await server.pool.query(
      `UPDATE messages SET message_text = 'edited' WHERE message_text = 'one' AND sender_id = $1`,
      [alice.row],
    );
    await server.pool.query(`DELETE FROM messages WHERE message_text = 'two' AND sender_id = $1`, [
      alice.row,
    ]);

    const now = { id: edited.id, messageText: 'edited', isRead: true };
    expect(await (await listen(bob, start)).reaches(5)).toMatchObject([
      { __typename: 'MessageSent', message: now },
      { __typename: 'MessageSent', message: null },
      { __typename: 'MessagesRead', messages: [now] },
      { __typename: 'MessagesChanged', messages: [now] },
      { __typename: 'MessagesDeleted', messageIds: [deleted.id] },
    ]);
  });

  test('events come in the order of the commits, each exactly once, from whichever of their cursors one resumes', async () => {
    const [alice, bob] = people();
    const start = await cursorOf(bob.client);
    for (let i = 0; i < 4; i++) {
      await send(alice, bob, `${i}`);
      if (i % 2 === 1) await markRead(bob, alice);
    }
    const whole = await (await listen(bob, start)).reaches(6);
    expect(whole.map(({ __typename }) => __typename)).toEqual(
      'MessageSent MessageSent MessagesRead MessageSent MessageSent MessagesRead'.split(' '),
    );
    expect(new Set(whole.map(({ cursor }) => cursor)).size).toBe(6);

    for (const [i, { cursor }] of whole.entries()) {
      const resumed = await listen(bob, cursor);
      const last = await send(alice, bob, `after ${i}`);
      const events = await resumed.until((all) =>
        all.some((event) => event.__typename === 'MessageSent' && event.message?.id === last.id),
      );
      expect(events.slice(0, 5 - i)).toEqual(whole.slice(i + 1));
      // What follows are the last messages of this round and of those before it.
      expect(events.length).toBe(5 - i + i + 1);
    }
  });

  test('a subscription without a cursor begins with what happens from now on', async () => {
    const [alice, bob] = people();
    await send(alice, bob, 'before');
    const recording = await follow(bob.client, { over, after: null });
    opened.push(recording);

    // It says nothing until something happens, so messages are sent until one shows that it listens.
    let sent = 0;
    while (recording.events.length === 0) await send(alice, bob, `${sent++}`);
    await recording.until((events) => JSON.stringify(events.at(-1)).includes(`"messageText":"${sent - 1}"`));

    const texts = recording.events.map((event) =>
      event.__typename === 'MessageSent' ? event.message?.messageText : '',
    );
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, i) => String(sent - texts.length + i)));
  });
});
