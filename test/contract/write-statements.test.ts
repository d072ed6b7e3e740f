import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postgresBus } from '../../src/bus/postgres.ts';
import type { HintBus } from '../../src/messaging/ports.ts';
import { eventually } from '../support/eventually.ts';
import { type LoggedServer, namesOf, startLoggedServer } from '../support/logged-server.ts';
import { MARK_READ, SEND, send as sendMessage } from '../support/messages.ts';
import { createPeople, type Person } from '../support/people.ts';

let server: LoggedServer;
let alice: Person;
let bob: Person;
let carol: Person;

beforeAll(async () => {
  // The postgres bus would put its hints in between; there is a test of those, too.
  server = await startLoggedServer({ EVENT_BUS: 'memory' });
  // Creating them makes a request as each: which user a token's `sub` is has been looked up and is kept from here on.
  [alice, bob, carol] = await createPeople(server, 'alice', 'bob', 'carol');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** What it took to answer alice, which must be without errors. */
const statementsOf = (query: string, variables: object) =>
  server.log.during(() => alice.client.data(query, { ...variables }));

test('a message that is refused before it is sent takes none', async () => {
  const input = { receiverId: bob.id, messageText: ' ' };
  expect(await server.log.during(() => alice.client.ask(SEND, { input }))).toEqual([]);
});

describe('sending', () => {
  const send = (more: object) =>
    statementsOf(SEND, { input: { receiverId: carol.id, messageText: 'hi', ...more } });

  test('takes one statement, which is its own transaction and gives the two people, too', async () => {
    const statements = await send({});
    expect(namesOf(statements)).toEqual(['send']);
    expect(statements[0]?.kind).toBe('WITH');
    expect(statements[0]?.text).toContain('INSERT INTO messages');
  });

  test('takes one statement more when a long text does not fit the covering index', async () => {
    const messageText = Array.from({ length: 10_000 }, (_, i) =>
      String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
    );
    expect(namesOf(await send({ messageText: messageText.join('') }))).toEqual(['send', 'send']);
  });

  test('with a key takes one statement, and one more to find what an earlier try has sent', async () => {
    expect(namesOf(await send({ idempotencyKey: 'k' }))).toEqual(['send_once']);
    expect(namesOf(await send({ idempotencyKey: 'k' }))).toEqual(['send_once', 'sent_message']);
  });
});

test('marking read takes three statements: the people, the marking, the conversation afterwards', async () => {
  const statements = await statementsOf(MARK_READ, { input: { with: bob.id } });
  expect(namesOf(statements)).toEqual(['users', 'mark_read', 'conversation_states']);
  const { id: upTo } = await sendMessage(bob, alice, 'more');
  expect(namesOf(await statementsOf(MARK_READ, { input: { with: bob.id, upTo } }))).toEqual([
    'users',
    'mark_read',
    'conversation_states',
  ]);
});

test('hints between nodes are statements of their own, after the write and in no transaction; who is alone has none', async () => {
  const node = await startLoggedServer({ EVENT_BUS: 'postgres' });
  let other: HintBus | undefined;
  try {
    const [dave, erin] = await createPeople(node, 'dave', 'erin');
    const send = () => dave.client.data(SEND, { input: { receiverId: erin.id, messageText: 'hi' } });
    const sent = async () => namesOf(await node.log.during(send));
    // It may still be looking for others.
    await eventually(async () => (await sent()).join() === 'send' && (await sent()).join() === 'send');

    other = postgresBus({ directUrl: node.databaseUrl, notify: fail, onLost: fail, onBack: fail });
    let hints = 0;
    other.subscribe((users) => {
      if (users !== 'everyone') hints++;
    });
    await eventually(async () => {
      await send();
      return hints > 0;
    });
    // The hints of those sends are on their way.
    await eventually(async () => (await node.log.during(() => delay(200))).length === 0);
    const statements = await node.log.during(async () => {
      await send();
      await eventually(() => node.log.soFar.length >= 2);
    });
    expect(namesOf(statements)).toEqual(['send', 'notify']);
    expect(statements.filter(({ text }) => text.includes('pg_notify'))).toHaveLength(1);
  } finally {
    await other?.[Symbol.asyncDispose]();
    await node[Symbol.asyncDispose]();
  }
});

function fail(): never {
  throw new Error('nothing of the kind was expected');
}
