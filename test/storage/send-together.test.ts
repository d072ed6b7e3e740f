import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.ts';
import { type LoggedServer, namesOf, startLoggedServer } from '../support/logged-server.ts';
import { SEND } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';

let server: LoggedServer;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  server = await startLoggedServer({ EVENT_BUS: 'memory' });
  [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Several sends of one user, in one turn of the event loop: the fields of one mutation run one after another. */
function sendTogether(from: Person, inputs: readonly object[]) {
  return Promise.all(inputs.map((input) => from.client.ask(SEND, { input })));
}

const texts = async () =>
  (await server.pool.query('SELECT message_text FROM messages ORDER BY id')).rows.map(
    (row) => row.message_text,
  );

const NOBODY = Buffer.from('User:2000000000').toString('base64url');

describe('sends that wait in the same turn', () => {
  test('share statements, and each is answered with its own message', async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => ({
      receiverId: i % 2 ? bob.id : carol.id,
      messageText: `n ${i}`,
    }));
    let answers: Awaited<ReturnType<typeof sendTogether>> = [];
    const statements = await server.log.during(async () => {
      answers = await sendTogether(alice, inputs);
    });
    expect(namesOf(statements).every((name) => name === 'send')).toBe(true);
    expect(statements.length).toBeLessThan(40);
    for (const [i, { data }] of answers.entries()) {
      const { messageText, sender, receiver } = data.sendMessage.message;
      expect([messageText, sender.username, receiver.id]).toEqual([
        `n ${i}`,
        alice.name,
        inputs[i]?.receiverId,
      ]);
    }
    expect(new Set((await texts()).filter((text) => text.startsWith('n ')))).toHaveProperty('size', 40);
  });

  test('have each its own error, and those without one are stored', async () => {
    const answers = await sendTogether(alice, [
      { receiverId: bob.id, messageText: 'good 1' },
      { receiverId: NOBODY, messageText: 'to nobody' },
      { receiverId: bob.id, messageText: ' ' },
      { receiverId: alice.id, messageText: 'to myself' },
      { receiverId: carol.id, messageText: 'good 2' },
    ]);
    expect(answers.map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      undefined,
      'NOT_FOUND',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      undefined,
    ]);
    const stored = await texts();
    expect(stored).toEqual(expect.arrayContaining(['good 1', 'good 2']));
    expect(stored).not.toContain('to nobody');
  });

  test('with the same key and input are one message', async () => {
    const input = { receiverId: bob.id, messageText: 'the same', idempotencyKey: 'same' };
    const answers = await sendTogether(alice, Array(20).fill(input));
    expect(new Set(answers.map(({ data }) => data.sendMessage.message.id)).size).toBe(1);
    expect((await texts()).filter((text) => text === 'the same')).toHaveLength(1);
  });

  test('with the same key and different input are one message, and conflicts', async () => {
    const inputs = ['one', 'two', 'three'].map((messageText) => ({
      receiverId: bob.id,
      messageText: `key ${messageText}`,
      idempotencyKey: 'different',
    }));
    const answers = await sendTogether(alice, [
      ...inputs,
      { receiverId: carol.id, messageText: 'beside them' },
    ]);
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
    expect(codes.filter((code) => code === 'IDEMPOTENCY_CONFLICT')).toHaveLength(2);
    expect((await texts()).filter((text) => text.startsWith('key '))).toHaveLength(1);
    expect(await texts()).toContain('beside them');
  });

  test('of someone who is deleted meanwhile fail alone', async () => {
    const [dave] = await createPeople(server, 'dave');
    const gone = new TestClient(server.url, dave.name);
    await server.pool.query('DELETE FROM users WHERE id = $1', [dave.row]);
    const [refused, sent] = await Promise.all([
      gone.ask(SEND, { input: { receiverId: bob.id, messageText: 'from the dead' } }),
      alice.client.ask(SEND, { input: { receiverId: bob.id, messageText: 'from the living' } }),
    ]);
    expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(sent.errors).toBeUndefined();
    expect(await texts()).toContain('from the living');
  });

  test('and do not fit one statement, or the index, all arrive', async () => {
    const long = Array.from({ length: 9_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
    ).join('');
    const inputs = Array.from({ length: 150 }, (_, i) => ({
      receiverId: bob.id,
      messageText: i % 50 === 7 ? `${i} ${long}` : `many ${i}`,
    }));
    const answers = await sendTogether(alice, inputs);
    expect(answers.map(({ data }) => data?.sendMessage.message.messageText)).toEqual(
      inputs.map((each) => each.messageText),
    );
  });
});
